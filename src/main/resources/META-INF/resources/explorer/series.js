import { currentEdition, getRows } from './api.js';
import { BY_AMOUNT, totals } from './calls.js';
import { less, sum } from './exact.js';
import { inChunks, isOneOf } from './filter.js';
import { lastFull } from './month.js';
import { nameOf, remember } from './names.js';
import { amountOf, ofCurrency, range } from './state.js';
import { FIELDS, KINDS } from './words.js';

const PER_PAGE = 250;

/**
 * What is known of groups: by what was asked for, each group's amounts by month. It is forgotten with
 * the answers it is made of.
 */
const known = new Map();

function storeOf(state) {
  const { group, kind, currency, where, months } = state;
  const key = JSON.stringify([group, kind, currency, where, months]);
  const store = known.get(key);
  if (store?.edition === currentEdition()) {
    return store.groups;
  }
  const groups = new Map();
  known.delete(key);
  known.set(key, { edition: currentEdition(), groups });
  if (known.size > 20) {
    known.delete(known.keys().next().value);
  }
  return groups;
}
/** The groups of the months shown, by their amount in all of them together. */
export function largestCall(state, order = BY_AMOUNT) {
  return totals(
    `The ${FIELDS[state.group].many} of all these months`,
    state,
    [state.group],
    inRange(state),
    {
      order_by: order,
      include: 'description',
    },
  );
}

const inRange = (state, ...clauses) => ofCurrency(state, range(state), ...clauses);

/** The call for the months of some groups. */
function monthsOfCall(state, values) {
  const { group } = state;
  return totals(
    `The months of the ${FIELDS[group].many} shown`,
    state,
    ['month', group],
    inRange(state, isOneOf(group, values)),
    { include: 'description' },
  );
}

/** Reads the months of those groups that are not known yet; gives the calls it took. */
export async function learnMonths(state, values, signal) {
  const store = storeOf(state);
  const missing = [...new Set(values)].filter((value) => !store.has(value));
  const chunks = inChunks(missing, Math.floor(PER_PAGE / state.months.length), (some) =>
    inRange(state, isOneOf(state.group, some)),
  );
  const calls = chunks.map((some) => monthsOfCall(state, some));
  await Promise.all(
    calls.map(async (wanted, index) => {
      const { rows } = await getRows(wanted, signal, Infinity);
      rememberNames(state.group, rows);
      chunks[index].forEach((value) => store.set(value, new Map()));
      rows.forEach((row) => store.get(row[state.group])?.set(row.month, row.total_amount));
    }),
  );
  return calls;
}

/** Remembers what the groups of some rows are called, as far as the rows say it. */
export function rememberNames(group, rows) {
  if (group === 'product_id') {
    rows.forEach((row) => remember(group, row[group], row.description));
  }
}

/** The amounts of a group in the months shown, the oldest first; null where they are not known. */
export function amountsOf(state, value) {
  const amounts = storeOf(state).get(value);
  return amounts ? state.months.map((month) => amounts.get(month) ?? '0') : null;
}

/** What the chart shows: some groups by name, and all others together. */
export function chartModel(state, values, hasOthers) {
  const groups = values.map((value) => ({
    key: value ?? '',
    label: nameOf(state.group, value),
    amounts: amountsOf(state, value),
  }));
  const others = state.months.map((month, index) =>
    less(amountOf(state, month), sum(groups.map((group) => group.amounts[index]))),
  );
  const isOpen = (month) => state.inCurrency.get(month)?.month_status === 'OPEN';
  return {
    title: `${KINDS[state.kind]} by month and ${FIELDS[state.group].one.toLowerCase()}, ${state.currency}`,
    field: state.group,
    months: state.months,
    open: state.months.filter((month) => month > lastFull() && isOpen(month)),
    currency: state.currency,
    selected: state.month,
    groups,
    others: hasOthers ? { key: null, label: 'All others', amounts: others } : null,
  };
}
