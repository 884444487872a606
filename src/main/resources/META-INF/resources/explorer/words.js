import { h } from './dom.js';
import { exactly } from './figure.js';

/** The fields usage can be grouped by and filtered on, as people call them. */
export const FIELDS = {
  product_id: { one: 'Product', many: 'products' },
  account_id: { one: 'Account', many: 'accounts' },
  aggr_product_id: { one: 'Product group', many: 'product groups' },
  type: { one: 'Type', many: 'types', isEnum: true },
  direction: { one: 'Direction', many: 'directions', isEnum: true },
  resolution: { one: 'Outcome', many: 'outcomes', isEnum: true },
  wallet_name: { one: 'Wallet', many: 'wallets' },
  unit: { one: 'Unit', many: 'units', isEnum: true },
};

/** What of usage is added: what was consumed, or what was paid in. */
export const KINDS = { consumption: 'Consumption', top_up: 'Top-ups' };

const TOP_UPS = "type in ('CREDIT_COMMIT','RECHARGE')";

/** A kind as a clause of a filter, for calls that have no such parameter. */
export function isOfKind(kind) {
  return kind === 'top_up' ? TOP_UPS : `not ${TOP_UPS}`;
}

const WORDS = {
  AMD: 'answering machine detection',
  API_REQUEST: 'API request',
  CHARS: 'characters',
  GB: 'GB',
};

/** A value of an enum as a word: "CALL_SERVICE" as "call service". */
export function word(value) {
  return value === null ? '' : (WORDS[value] ?? value.toLowerCase().replaceAll('_', ' '));
}

/** The same where it stands alone or begins a line. */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a row counts: the word that was sent, where the API has no name of its own for the unit. */
function unitOf(row) {
  return row.unit_word ?? (row.unit === 'OTHER' ? 'units' : word(row.unit));
}

/**
 * How many units a row counts; unlike units are never added. A group that is new or gone has a unit
 * without a number: the server compares units of two months only.
 */
export function units(row) {
  if (row.number_of_units === null) {
    const hasUnit = row.unit && row.unit !== 'OTHER';
    return h('span', { class: 'units muted' }, hasUnit ? `in ${unitOf(row)}` : 'several kinds');
  }
  return h('span', { class: 'units' }, exactly(row.number_of_units), ` ${unitOf(row)}`);
}

/** Some of many things as a list for reading: "a, b and c". */
export function listed(texts, last = 'and') {
  return texts.length < 2
    ? texts.join('')
    : `${texts.slice(0, -1).join(', ')} ${last} ${texts.at(-1)}`;
}

/** A time of the server's, which is UTC: to the minute, and as it came on a closer look. */
export function time(text) {
  return h('time', { datetime: text, title: text }, `${text.slice(0, 16).replace('T', ' ')} UTC`);
}
