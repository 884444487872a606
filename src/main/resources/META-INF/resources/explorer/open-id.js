import { Problem } from './api.js';

/** It is loaded only where a provider is set. */
const LIBRARY = './lib/oauth4webapi-3.8.8/index.js';

/** Where the provider sends people back to: this page, under whatever path it is. */
const HERE = new URL('.', import.meta.url).href;

/** What must be known when somebody comes back. It is of no use without the provider's answer. */
const PENDING = 'usage-explorer.sign-in';

/** That the provider knew somebody in this tab: no token, which a script could steal from there. */
const SIGNED_IN = 'usage-explorer.signed-in';

/** The provider has nobody to sign in without asking (OpenID Connect Core, section 3.1.2.6). */
const NOBODY = ['login_required', 'interaction_required', 'consent_required'];

let discovery = null;

/** A browser may keep pages from it, in frames above all. */
function store() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

/** The library, and what the provider says of itself. */
function provider({ issuer, client_id }) {
  discovery ??= discover(issuer, client_id).catch((failure) => {
    discovery = null;
    throw failure;
  });
  return discovery;
}

async function discover(issuer, clientId) {
  const host = new URL(issuer).host;
  if (!isSecureContext) {
    throw problem(`Signing in at ${host} needs https.`, 'Open this page by https.');
  }
  try {
    const oauth = await import(LIBRARY);
    // The server's settings allow http at localhost alone.
    const options = { [oauth.allowInsecureRequests]: issuer.startsWith('http:') };
    const url = new URL(issuer);
    const server = await oauth.processDiscoveryResponse(
      url,
      await oauth.discoveryRequest(url, options),
    );
    return { oauth, server, client: { client_id: clientId }, options, host };
  } catch {
    throw problem(`The sign-in at ${host} cannot be reached.`, 'Try again, or use a token.');
  }
}

/**
 * Goes to the provider to sign in; it sends people back to where they were.
 *
 * isSilent: it asks them nothing, which works while its own session lasts
 */
export async function goTo(openId, isSilent = false) {
  const { oauth, server } = await provider(openId);
  const pending = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    place: location.hash,
    isSilent,
  };
  const challenge = await oauth.calculatePKCECodeChallenge(pending.verifier);
  store()?.setItem(PENDING, JSON.stringify(pending));
  if (isSilent) {
    // Once: whoever the provider no longer knows is not sent there again.
    forgetSignIn();
  }
  leaveFor(server.authorization_endpoint, {
    response_type: 'code',
    client_id: openId.client_id,
    redirect_uri: HERE,
    scope: openId.scopes,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    audience: openId.audience,
    prompt: isSilent ? 'none' : null,
  });
  // This page is being left.
  return new Promise(() => {});
}

function leaveFor(endpoint, parameters) {
  const url = new URL(endpoint);
  for (const [name, value] of Object.entries(parameters)) {
    if (value) {
      url.searchParams.set(name, value);
    }
  }
  location.assign(url);
}

/** Whether somebody signed in by the provider in this tab. */
export function wasSignedIn() {
  return Boolean(store()?.getItem(SIGNED_IN));
}

/** Forgets that somebody did. */
export function forgetSignIn() {
  store()?.removeItem(SIGNED_IN);
}

/** The grant of somebody whom the provider sent back, or null where nobody was. */
export async function comeBack(openId) {
  const { searchParams } = new URL(location.href);
  if (!searchParams.has('state')) {
    return null;
  }
  const pending = JSON.parse(store()?.getItem(PENDING) ?? null);
  store()?.removeItem(PENDING);
  // The code is good for once, and has no place in the history.
  history.replaceState(null, '', HERE + (pending?.place ?? ''));
  if (!pending) {
    throw problem('This sign-in was begun elsewhere, or is over.', 'Sign in again.');
  }
  const at = await provider(openId);
  const { oauth, server, client, options, host } = at;
  try {
    const answer = oauth.validateAuthResponse(server, client, searchParams, pending.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      answer,
      HERE,
      pending.verifier,
      options,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: pending.nonce,
      requireIdToken: true,
    });
    return grant(openId, at, tokens);
  } catch (failure) {
    if (pending.isSilent && NOBODY.includes(failure.error)) {
      throw problem('The sign-in ran out.', 'Sign in again to go on where you were.');
    }
    throw problem(
      `The sign-in at ${host} did not work.`,
      failure.error_description ?? failure.error ?? 'Its answer does not belong to this page.',
    );
  }
}

function grant(openId, at, tokens) {
  store()?.setItem(SIGNED_IN, 'yes');
  return {
    token: tokens.access_token,
    seconds: tokens.expires_in,
    renew: () => (tokens.refresh_token ? refresh(openId, at, tokens) : goTo(openId, true)),
    leavesPage: !tokens.refresh_token,
    end: () => signOut(openId, at, tokens),
  };
}

async function refresh(openId, at, tokens) {
  const { oauth, server, client, options } = at;
  const response = await oauth.refreshTokenGrantRequest(
    server,
    client,
    oauth.None(),
    tokens.refresh_token,
    options,
  );
  const next = await oauth.processRefreshTokenResponse(server, client, response);
  // What does not come anew stays.
  return grant(openId, at, { ...tokens, ...next });
}

function signOut({ client_id }, { server }, { id_token }) {
  forgetSignIn();
  if (server.end_session_endpoint) {
    leaveFor(server.end_session_endpoint, {
      client_id,
      id_token_hint: id_token,
      post_logout_redirect_uri: HERE,
    });
  }
}

function problem(message, description) {
  return new Problem(0, { code: 'sign_in', message, description }, null);
}
