import { renewToken, useToken } from './api.js';
import { announce, h } from './dom.js';
import { isFramed } from './embed.js';
import { comeBack, forgetSignIn, goTo, wasSignedIn } from './open-id.js';
import { loadSettings, settings } from './settings.js';
import { claimsOf } from './token.js';

/** A new token is asked for in the last quarter of the old one's time, at most so long before. */
const MOST_AHEAD_MILLIS = 60_000;
const TICK_MILLIS = 1_000;
const RETRY_MILLIS = 10_000;
const MOST_TRIES = 6;

/**
 * Who is signed in. A grant is what a way to sign in gives:
 *
 * token; name, what to show in place of the organization; seconds it lasts, else its claims say;
 * renew(), which gets the next grant; leavesPage, where it does so by going elsewhere and coming back,
 * which nobody is to be surprised by; end(), which signs out where the token came from; isHandedOver,
 * where the portal around this page signs people in and out
 */
let current = null;
let ticking = null;
let renewing = null;

/** Where the page shows who is signed in, and what it does when somebody else is, or nobody. */
let page = null;

/** Tells the session its element, and what to do with another caller's grant and at the end. */
export function attach(element, { begin, end }) {
  page = { element, begin, end };
}

/** Asks for the settings, and signs in where a provider sent somebody back or still knows them. */
export async function resume() {
  await loadSettings();
  const { open_id } = settings;
  if (isFramed || !open_id) {
    return { grant: null, notice: null };
  }
  try {
    const grant = (await comeBack(open_id)) ?? (wasSignedIn() ? await goTo(open_id, true) : null);
    return { grant, notice: null };
  } catch (problem) {
    return { grant: null, notice: [problem.message, problem.description].join(' ').trim() };
  }
}

/** Uses a grant, and shows whose it is and until when. */
export function start(grant) {
  useToken(grant.token);
  keep(grant);
  page.element.replaceChildren(
    h('span', { class: 'who' }),
    ...(grant.leavesPage ? [signInAgain()] : []),
    ...(grant.isHandedOver ? [] : [h('button', { type: 'button', onclick: leave }, 'Sign out')]),
  );
  showWho();
  clearInterval(ticking);
  ticking = setInterval(tick, TICK_MILLIS);
}

/** What is shown stays until it is pressed: a filter may be half written. */
function signInAgain() {
  return h(
    'button',
    { type: 'button', class: 'again', hidden: true, onclick: () => refused(() => {}) },
    'Sign in again',
  );
}

function keep(grant) {
  const claims = claimsOf(grant.token);
  const seconds = grant.seconds ?? claims.exp - Date.now() / 1000;
  const now = Date.now();
  const until = Number.isFinite(seconds) ? now + seconds * 1000 : Infinity;
  current = {
    ...grant,
    organization: claims[settings.organization_claim],
    until,
    renewAt: until - Math.min(MOST_AHEAD_MILLIS, (until - now) / 4),
    tries: 0,
    hasRunOut: false,
  };
}

function leave() {
  const { end } = current;
  page.end(null);
  end?.();
}

/** Forgets the token. */
export function stop() {
  clearInterval(ticking);
  useToken(null);
  forgetSignIn();
  current = null;
  page.element.replaceChildren();
}

function tick() {
  const now = Date.now();
  const isDue = now >= current.renewAt && current.tries < MOST_TRIES;
  if (current.renew && !current.leavesPage && isDue) {
    renew();
  }
  if (now >= current.until && !current.hasRunOut) {
    current.hasRunOut = true;
    showWho();
    announce(`The ${grantName(current)} ran out.`);
  }
}

const grantName = ({ leavesPage }) => (leavesPage ? 'sign-in' : 'token');

/** Gets the next grant and uses it; whether that worked. */
function renew() {
  renewing ??= tryToRenew().finally(() => {
    renewing = null;
  });
  return renewing;
}

async function tryToRenew() {
  const old = current;
  old.tries++;
  old.renewAt = Date.now() + RETRY_MILLIS;
  try {
    const grant = await old.renew();
    if (current === old) {
      take(grant);
      return true;
    }
  } catch {
    // It is tried again; after the last time the token runs out, and the page says so.
  }
  return false;
}

/** Uses a grant in place of the last: of the same caller, what is known stays known. */
export function take(grant) {
  if (current && claimsOf(grant.token)[settings.organization_claim] === current.organization) {
    keep({ ...grant, name: current.name });
    renewToken(grant.token);
    showWho();
  } else {
    page.begin(grant);
  }
}

/** The server refused the token: goes on with a new one if that may help, else ends and says why. */
export async function refused(goOn) {
  if (!current) {
    return;
  }
  const { until } = current;
  const isOver = Date.now() >= until;
  if (isOver && current.renew && (await renew())) {
    goOn();
  } else if (current) {
    page.end(
      isOver
        ? `The ${grantName(current)} ran out on ${moment(until, true)}. Sign in again to go on where you were.`
        : 'The server does not take this token. Sign in with another to go on where you were.',
    );
  }
}

function showWho() {
  const { name, organization, until, hasRunOut } = current;
  const who = name ?? (typeof organization === 'string' ? organization : 'No organization');
  const words = hasRunOut ? `ran out at ${moment(until)}` : `until ${moment(until)}`;
  const shown = Number.isFinite(until) ? `${who}, ${words}` : who;
  const span = page.element.querySelector('.who');
  span.textContent = shown;
  span.classList.toggle('ran-out', hasRunOut);
  const again = page.element.querySelector('.again');
  if (again) {
    again.hidden = !hasRunOut;
  }
  span.title = Number.isFinite(until)
    ? `Organization ${organization ?? 'none'}; the token ${hasRunOut ? 'ran out' : 'runs out'} on ${moment(until, true)}`
    : `Organization ${organization ?? 'none'}`;
}

/** A time of the reader's clock: the minute, and the day where it is another or asked for. */
function moment(millis, withYear = false) {
  const at = new Date(millis);
  const isToday = at.toDateString() === new Date().toDateString();
  const day = { day: 'numeric', month: 'short', ...(withYear ? { year: 'numeric' } : {}) };
  return new Intl.DateTimeFormat('en-GB', {
    ...(isToday && !withYear ? {} : day),
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}
