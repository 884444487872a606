const NONE = {
  name: 'Usage explorer',
  logo: null,
  organization_claim: 'org_id',
  parents: [],
  open_id: null,
  sign_ins: [],
};

/** What the server says of this page before anybody signs in. */
export let settings = NONE;

/** Asks the server for the settings; without an answer a token of one's own is the way in. */
export async function loadSettings() {
  try {
    const response = await fetch(new URL('settings', import.meta.url));
    settings = response.ok ? { ...NONE, ...(await response.json()) } : NONE;
  } catch {
    // Whatever is asked for next says that the server cannot be reached.
  }
}
