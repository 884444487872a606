import { settings } from './settings.js';
import { tokenIn } from './token.js';

/** Whether a portal shows this page in a frame. The server's policy says which portals may. */
export const isFramed = window.parent !== window;

const REQUEST = 'usage-api.token-request';
const ANSWER = 'usage-api.token';
const RETRY_MILLIS = 1_000;
const MOST_TRIES = 10;

/** The next token, while it is asked for, and what it is given to. */
let pending = null;
let waiting = null;

/**
 * Listens for the tokens of the portal around this page. Whoever else sends one is ignored.
 *
 * onGrant gets a token that was not asked for, as when the portal's own page changes the customer
 */
export function listen(onGrant) {
  addEventListener('message', ({ source, origin, data }) => {
    if (source !== parent || !settings.parents.includes(origin) || data?.type !== ANSWER) {
      return;
    }
    const token = typeof data.token === 'string' ? tokenIn(data.token) : null;
    if (token) {
      const grant = { token, name: null, renew: askPortal, isHandedOver: true };
      (waiting ?? onGrant)(grant);
    }
  });
}

/** A token of the portal, which is asked every second, for ten seconds. */
export function askPortal() {
  pending ??= new Promise((resolve, reject) => {
    let tries = 0;
    const ask = () => {
      if (tries++ === MOST_TRIES) {
        end();
        reject({ message: 'The portal around this page gave no token.' });
      } else {
        request();
      }
    };
    const repeated = setInterval(ask, RETRY_MILLIS);
    const end = () => {
      clearInterval(repeated);
      pending = null;
      waiting = null;
    };
    waiting = (grant) => {
      end();
      resolve(grant);
    };
    ask();
  });
  return pending;
}

/**
 * Only the parent gets it, and only if it is of one of these origins. A browser that knows which one
 * it is spares the others, each of which it would complain about.
 */
function request() {
  const known = location.ancestorOrigins?.[0];
  settings.parents
    .filter((origin) => !known || origin === known)
    .forEach((origin) => parent.postMessage({ type: REQUEST }, origin));
}
