import { parse } from './exact.js';

/** Where the API is, seen from this file; so it works under any path. */
const EXPRESS = new URL('../express/', import.meta.url);

const NOT_MODIFIED = 304;

/** The token is here and nowhere else: to leave or reload the page is to forget it. */
let token = null;

/** The number of the caller: what an earlier one's token was answered is not for this one. */
let caller = 0;

/** What was answered lately, by address, so that nothing known is fetched again. */
const answers = new Map();
const FRESH_MILLIS = 120_000;
const MOST_ANSWERS = 300;

/** Of which set of answers the kept ones are: it grows when they are forgotten. */
let edition = 0;

/** How many reads run at once, so that one page does not use up what an organization may ask for. */
const MOST_READS = 3;
let reads = 0;
const waiting = [];

/** Signs in with a token, or out with null. */
export function useToken(text) {
  token = text;
  caller++;
  forgetAnswers();
}

/** Goes on with a new token of the same caller: what was answered stays known. */
export function renewToken(text) {
  token = text;
}

/** Whether there is a token. */
export function hasToken() {
  return token !== null;
}

/** What the server answered instead of what it was asked for, or that it did not answer. */
export class Problem extends Error {
  constructor(status, body, requestId) {
    super(body.message);
    this.status = status;
    this.code = body.code;
    this.description = body.description;
    this.fields = body.fields ?? [];
    this.requestId = requestId;
  }
}

/**
 * A call of the API: what it is for, its path below /express/, and its parameters. Those that are
 * null are left out.
 */
export function call(title, path, parameters = {}) {
  const given = Object.entries(parameters).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return { title, path, parameters: Object.fromEntries(given) };
}

/** Its address. */
export function address({ path, parameters }) {
  const url = new URL(path, EXPRESS);
  url.search = new URLSearchParams(parameters);
  return url;
}

/** What a call answers: an object whose numbers are texts. For two minutes it is kept. */
export async function get(wanted, signal) {
  signal?.throwIfAborted();
  const url = address(wanted).href;
  const known = answers.get(url);
  if (known && performance.now() - known.at < FRESH_MILLIS) {
    return known.answer;
  }
  const asking = caller;
  const begun = edition;
  const { answer, tag } = await inTurn(async () => {
    requireSame(asking);
    const response = await send(wanted, 'application/json', signal);
    const text = await textOf(response, signal);
    requireSame(asking);
    return { answer: read(text, response), tag: response.headers.get('ETag') };
  }, signal);
  if (begun === edition) {
    answers.delete(url);
    answers.set(url, { wanted, answer, tag, at: performance.now() });
    if (answers.size > MOST_ANSWERS) {
      answers.delete(answers.keys().next().value);
    }
  }
  return answer;
}

/** The number of the set of answers that is kept now: what is made of an earlier one is old. */
export function currentEdition() {
  return edition;
}

/**
 * Forgets the kept answers if the data has changed since the oldest of them: together they would say
 * what never was. Its tag is of all data of the organization, so the one stands for all. Whether
 * they could be kept.
 */
export async function keepIfUnchanged(signal) {
  const oldest = [...answers.values()].find(({ tag }) => tag !== null);
  if (!oldest) {
    return true;
  }
  const begun = edition;
  const response = await inTurn(
    () => send(oldest.wanted, 'application/json', signal, oldest.tag),
    signal,
  );
  if (response.status === NOT_MODIFIED) {
    return true;
  }
  await response.body?.cancel();
  signal?.throwIfAborted();
  if (begun === edition) {
    forgetAnswers();
  }
  return false;
}

/** Runs a read when fewer than MOST_READS run; one that was stopped meanwhile does not begin. */
async function inTurn(run, signal) {
  if (reads === MOST_READS) {
    await new Promise((resolve) => waiting.push(resolve));
  } else {
    reads++;
  }
  try {
    signal?.throwIfAborted();
    return await run();
  } finally {
    // The next one takes the place over.
    const next = waiting.shift();
    if (next) {
      next();
    } else {
      reads--;
    }
  }
}

/** Forgets what was answered, so that it is asked for again. */
export function forgetAnswers() {
  edition++;
  answers.clear();
}

/** Drops what another caller asked for, as if it had been stopped. */
function requireSame(asking) {
  if (asking !== caller) {
    throw new DOMException('Somebody else is signed in by now.', 'AbortError');
  }
}

async function textOf(response, signal) {
  try {
    return await response.text();
  } catch (failure) {
    throw signal?.aborted ? failure : unreachable('The connection broke off.');
  }
}

function read(text, response) {
  try {
    const answer = parse(text);
    if (typeof answer.id === 'string' || Array.isArray(rowsOf(answer))) {
      return answer;
    }
  } catch {
    // It is no JSON, or none of the server's.
  }
  throw notTheServer(response);
}

/** Rows of a call, page by page: so many at least, if there are; and whether these are all. */
export async function getRows(wanted, signal, most) {
  const rows = [];
  let next = wanted;
  while (next && rows.length < most) {
    const answer = await get(next, signal);
    rows.push(...rowsOf(answer));
    next = follow(wanted, answer.next);
  }
  return { rows, isComplete: !next };
}

/** What a page holds. */
export function rowsOf(page) {
  return Object.values(page._embedded)[0];
}

/**
 * The call a link stands for, if there is one. Of the link its parameters are taken: its host may be
 * the API's public one, and this page may have been opened under another.
 */
export function follow(wanted, link) {
  return link && { ...wanted, parameters: Object.fromEntries(new URL(link.href).searchParams) };
}

/** What a call answers as CSV, whole. The browser keeps it, on disk where it is large. */
export async function getCsv(wanted, signal) {
  const { per_page, cursor, ...parameters } = wanted.parameters;
  const asking = caller;
  const response = await send({ ...wanted, parameters }, 'text/csv', signal);
  let file;
  try {
    file = await response.blob();
  } catch (failure) {
    throw signal.aborted ? failure : unreachable('The download broke off. Nothing of it was kept.');
  }
  requireSame(asking);
  return file;
}

/** Sends a call. With a tag, the answer is 304 where it would be the one of that tag. */
async function send(wanted, accept, signal, tag = null) {
  const asking = caller;
  let response;
  try {
    response = await fetch(address(wanted), {
      headers: {
        Accept: accept,
        Authorization: `Bearer ${token}`,
        ...(tag ? { 'If-None-Match': tag } : {}),
      },
      signal,
    });
  } catch (failure) {
    throw failure.name === 'AbortError' ? failure : unreachable('The server cannot be reached.');
  }
  requireSame(asking);
  if (!response.ok && response.status !== NOT_MODIFIED) {
    const refusal = await problem(response);
    requireSame(asking);
    throw refusal;
  }
  return response;
}

async function problem(response) {
  const requestId = response.headers.get('X-Request-Id');
  try {
    return new Problem(response.status, await response.json(), requestId);
  } catch {
    return notTheServer(response);
  }
}

/** A proxy, a portal or a login page on the way answers with pages of its own. */
function notTheServer(response) {
  const type = response.headers.get('Content-Type')?.split(';')[0] ?? 'nothing';
  return new Problem(
    // 401 by something else is not about the token.
    response.status === 401 ? 0 : response.status,
    {
      code: 'not_the_server',
      message: 'Something else answered in place of the server.',
      description: `It sent ${type} with status ${response.status}.`,
    },
    response.headers.get('X-Request-Id'),
  );
}

function unreachable(message) {
  return new Problem(0, { code: 'unreachable', message }, null);
}

/** A token by client credentials (RFC 6749 section 4.4), where the server offers to sign in so. */
export async function tokenOf({ token_endpoint, client_id, client_secret }) {
  const response = await fetch(new URL(`..${token_endpoint}`, import.meta.url), {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  if (!response.ok) {
    throw new Problem(response.status, {
      code: 'unauthorized',
      message: 'There is no token for this client.',
    });
  }
  return (await response.json()).access_token;
}
