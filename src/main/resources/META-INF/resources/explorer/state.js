import { call, get, getAll, rowsOf } from './api.js';
import { FIELDS } from './fields.js';
import { all, between, is } from './filter.js';
import { KINDS } from './kind.js';
import * as months from './month.js';
import { href } from './route.js';
import { totals } from './totals.js';

/** How many months may be shown at once. */
export const SPANS = ['6', '12', '24'];

/**
 * What the overview shows: what its address says, and where that says nothing what answers the
 * commonest question: which product cost most in the last full month. Null when there is no usage.
 */
export async function readState(parameters, signal) {
  const newest = call('The newest month there is', 'usage/month', {
    order_by: 'month:desc',
    per_page: 1,
  });
  const [aggregate] = rowsOf(await get(newest, signal));
  if (!aggregate) {
    return null;
  }
  const oneOf = (name, choices, otherwise) =>
    choices.includes(parameters.get(name)) ? parameters.get(name) : otherwise;
  const span = Number(oneOf('months', SPANS, '12'));
  const given = parameters.get('month');
  const month = months.isMonth(given) ? given : null;
  const state = {
    group: oneOf('group', Object.keys(FIELDS), 'product_id'),
    kind: oneOf('kind', Object.keys(KINDS), 'consumption'),
    order: parameters.get('order') ?? 'total_amount:desc',
    filter: parameters.get('filter')?.trim() ?? '',
    cursor: parameters.get('cursor'),
    span,
    newest: aggregate.month,
    month: month ?? (aggregate.month > months.lastFull() ? months.lastFull() : aggregate.month),
  };
  // The newest months; where an older one is looked at, those from it on.
  const newestShown = months.upTo(state.newest, span);
  state.months =
    state.month < newestShown[0]
      ? months.upTo(months.plus(state.month, span - 1), span)
      : newestShown;
  state.currencies = await currenciesOf(state, signal);
  state.currency = oneOf('currency', state.currencies, state.currencies[0] ?? null);
  return state;
}

/** The currencies of these months; first the one of most kinds of units, as it is most used. */
async function currenciesOf(state, signal) {
  const rows = await getAll(
    totals('The currencies', state, [], range(state), { per_page: 250 }),
    signal,
  );
  const units = Map.groupBy(rows, (row) => row.currency);
  return [...units.keys()].sort(
    (a, b) => units.get(b).length - units.get(a).length || (a < b ? -1 : 1),
  );
}

/** The months shown, as a clause of a filter. */
export function range(state) {
  return between(state.months[0], state.months.at(-1));
}

/** What of a state stands in addresses. */
export function addressed(state) {
  return {
    group: state.group === 'product_id' ? null : state.group,
    kind: state.kind === 'consumption' ? null : state.kind,
    currency: state.currency === state.currencies[0] ? null : state.currency,
    months: state.span === 12 ? null : state.span,
    month: state.month,
    order: state.order === 'total_amount:desc' ? null : state.order,
    filter: state.filter || null,
  };
}

/** The address of the overview with another month. */
export function monthHref(state, month) {
  return href('', { ...addressed(state), month });
}

/** The address of the aggregates behind a total of a month. */
export function usageHref(state, row, month) {
  return href('usage', {
    ...addressed(state),
    group: state.group,
    value: row[state.group],
    month,
    currency: state.currency,
    unit: row.unit,
    order: null,
  });
}

/** What of the usage is of the state's month, as a filter. */
export function ofMonth(state) {
  return all(state.filter, is('month', state.month), is('currency', state.currency));
}

/** What a file is called that holds what a state shows of some time. */
export function fileName(state, when) {
  return `usage-${when}-by-${state.group.replace('_id', '').replaceAll('_', '-')}-${state.currency}.csv`;
}
