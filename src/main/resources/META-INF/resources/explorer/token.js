/** What is copied from a header, a command or a file often has more around the token. */
const AROUND = [/^["'`]+|["'`,;]+$/g, /^(Authorization\s*:)?\s*Bearer[\s:=]*/i, /^["'`]+/];
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The token in a text that was pasted or handed over, or null. */
export function tokenIn(text) {
  const bare = AROUND.reduce((rest, around) => rest.replace(around, ''), text.trim());
  const token = bare.replace(/\s+/g, '');
  return TOKEN.test(token) ? token : null;
}

/** The claims of a token. The server checks them; here they are only shown. */
export function claimsOf(token) {
  try {
    const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return claims !== null && typeof claims === 'object' ? claims : {};
  } catch {
    return {};
  }
}
