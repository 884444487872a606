import { call, get, rowsOf } from './api.js';
import { h } from './dom.js';
import { isOneOf, inChunks } from './filter.js';
import { capital, FIELDS, word } from './words.js';

/** What is known: of each field the names of its values; null is a value that has none. */
const known = new Map();

function namesOf(field) {
  if (!known.has(field)) {
    known.set(field, new Map());
  }
  return known.get(field);
}

/** Forgets all names: they are those of one organization. */
export function forgetNames() {
  known.clear();
}

/** Remembers what a value of a field is called. */
export function remember(field, value, name) {
  if (name || !namesOf(field).has(value)) {
    namesOf(field).set(value, name || null);
  }
}

/** What a value is called, for reading. */
export function nameOf(field, value) {
  if (value === null) {
    return `No ${FIELDS[field].one.toLowerCase()}`;
  }
  return FIELDS[field]?.isEnum ? capital(word(value)) : (namesOf(field).get(value) ?? value);
}

/** The id of a value, where its name is another. */
export function idBeside(field, value) {
  const hasId = value !== null && !FIELDS[field].isEnum && nameOf(field, value) !== value;
  return hasId ? h('span', { class: 'id' }, ` ${value}`) : null;
}

/**
 * Learns the names of accounts that are not known yet. A token that may not read accounts, or a
 * server that fails, leaves their ids to be shown.
 */
export async function learnAccounts(ids, signal) {
  const missing = [...new Set(ids)].filter((id) => id !== null && !namesOf('account_id').has(id));
  if (missing.length === 0) {
    return;
  }
  try {
    const pages = await Promise.all(
      inChunks(missing, 100, (some) => isOneOf('id', some)).map((some) =>
        get(call('Names', 'accounts', { filter: isOneOf('id', some), per_page: 100 }), signal),
      ),
    );
    pages.flatMap(rowsOf).forEach(rememberAccount);
    missing.forEach((id) => remember('account_id', id, null));
  } catch (problem) {
    if (problem.name === 'AbortError' || problem.status === 401) {
      throw problem;
    }
    if (problem.status === 403) {
      // The token may not read accounts, and will not be allowed to.
      missing.forEach((id) => remember('account_id', id, null));
    }
  }
}

/** Remembers an account's name. */
export function rememberAccount({ id, name, company_name }) {
  remember('account_id', id, name ?? company_name);
}
