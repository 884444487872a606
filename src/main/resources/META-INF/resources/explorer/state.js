import { getRows, Problem } from './api.js';
import { totals } from './calls.js';
import { compare, sum } from './exact.js';
import { all, apart, between, is, isOneOf } from './filter.js';
import * as months from './month.js';
import { href } from './route.js';
import { FIELDS, KINDS } from './words.js';

/** How many months may be shown at once. */
export const SPANS = ['6', '12', '24'];

/** What the table can be sorted by. */
const COLUMNS = ['name', 'amount', 'share', 'previous', 'change', 'months'];

/** How many rows the table has at most, and groups the chart; more of either nobody can read. */
export const MOST_ROWS = 1_000;
export const MOST_GROUPS = 40;

const DEFAULT_ROWS = 25;
const DEFAULT_GROUPS = 8;
const MOST_MONTHS = 1_000;

/** What an address asks for. Notices say which of it cannot be, and what is shown instead. */
export function readAddress(parameters) {
  const notices = [];
  const oneOf = (name, choices, otherwise, what) => {
    const given = parameters.get(name);
    if (given !== null && !choices.includes(given)) {
      notices.push(`This link asks for ${what} \u201c${given}\u201d, which there is not.`);
    }
    return choices.includes(given) ? given : otherwise;
  };
  const count = (name, otherwise, most) => {
    const given = Number(parameters.get(name) ?? otherwise);
    return Number.isInteger(given) && given > 0 ? Math.min(given, most) : otherwise;
  };
  const month = parameters.get('month');
  if (month !== null && !months.isMonth(month)) {
    notices.push(`This link asks for the month \u201c${month}\u201d, which there is not.`);
  }
  const currency = parameters.get('currency');
  const filter = parameters.get('filter')?.trim() ?? '';
  const orders = COLUMNS.flatMap((column) => [`${column}:asc`, `${column}:desc`]);
  return {
    group: oneOf('group', Object.keys(FIELDS), 'product_id', 'usage by'),
    kind: oneOf('kind', Object.keys(KINDS), 'consumption', 'usage of the kind'),
    order: oneOf('order', orders, 'amount:desc', 'the order'),
    span: Number(oneOf('months', SPANS, '12', 'this number of months:')),
    month: months.isMonth(month) ? month : null,
    currency: /^[A-Z]{3}$/.test(currency ?? '') ? currency : null,
    filter,
    ...apart(filter),
    units: parameters.get('units') === 'all',
    rows: count('rows', DEFAULT_ROWS, MOST_ROWS),
    shown: count('shown', DEFAULT_GROUPS, MOST_GROUPS),
    notices,
  };
}

/** The call that says what there is: each month and currency. */
export function monthsCall(state) {
  return totals('What there is, month by month', state, ['month'], state.where, {
    order_by: 'month:desc',
    include: 'updated_at,month_status',
  });
}

/**
 * What the overview shows: what its address says, and where that says nothing what answers the
 * commonest question: what cost most in the last full month. Its rows are each month's.
 */
export async function readState(parameters, signal) {
  const asked = readAddress(parameters);
  const { rows } = await getRows(monthsCall(asked), signal, MOST_MONTHS);
  if (asked.isMixed) {
    throw mixedMonths();
  }
  const currencies = byAmount(rows);
  const used = [...new Set(rows.map((row) => row.month))].filter(asked.allows);
  const newest = used[0] ?? months.lastFull();
  const oldest = used.at(-1) ?? newest;
  const month = asked.month ?? used.find((each) => each <= months.lastFull()) ?? newest;
  const [largest = currencies[0] ?? null] = byAmount(rows.filter((row) => row.month === month));
  const currency = asked.currency ?? largest;
  const inCurrency = new Map(
    rows.filter((row) => row.currency === currency).map((row) => [row.month, row]),
  );
  return {
    ...asked,
    isChosen: { month: asked.month !== null, currency: asked.currency !== null },
    all: rows,
    currencies,
    currency,
    newest,
    oldest,
    month,
    previous: months.plus(month, -1),
    months: shownMonths(asked, month, window(asked.span, month, oldest, newest)),
    hasUsage: used.length > 0,
    inCurrency,
  };
}

/** What is wrong with a filter whose months cannot be taken apart from the rest of it. */
export function mixedMonths() {
  return new Problem(
    400,
    {
      code: 'mixed_months',
      message: 'In this page the months of a filter must stand alone.',
      description:
        "Join them to the rest by and, outside of parentheses: month ge '2026-01' and type eq 'CALL'.",
    },
    null,
  );
}

/** The newest months; where an older one is looked at, those from it on. */
function window(span, month, oldest, newest) {
  const latest = months.upTo(newest, span);
  return month >= latest[0] || month < oldest
    ? latest
    : months.upTo(months.plus(month, span - 1), span);
}

/** Of some months those that the filter allows, and always the month that is looked at. */
function shownMonths({ hasMonths, allows }, month, some) {
  return hasMonths ? [...new Set([...some.filter(allows), month])].sort() : some;
}

/** The currencies of rows, that of the largest amount first. */
function byAmount(rows) {
  const amounts = [...Map.groupBy(rows, (row) => row.currency)].map(([currency, some]) => [
    currency,
    sum(some.map((row) => row.total_amount)),
  ]);
  return amounts
    .sort(([one, a], [other, b]) => compare(b, a) || (one < other ? -1 : 1))
    .map(([currency]) => currency);
}

/** The amount of a month. */
export function amountOf(state, month) {
  return state.inCurrency.get(month)?.total_amount ?? '0';
}

/** The months shown, as a clause of a filter. */
export function range(state) {
  return state.hasMonths
    ? isOneOf('month', state.months)
    : between(state.months[0], state.months.at(-1));
}

/** What is of the state's currency, if there is any, as a filter. */
export function ofCurrency(state, ...clauses) {
  const { currency, where } = state;
  return all(where, ...(currency ? [is('currency', currency)] : []), ...clauses);
}

/** What of a state stands in addresses. */
function addressed(state) {
  const unless = (value, otherwise) => (value === otherwise ? null : value);
  return {
    group: unless(state.group, 'product_id'),
    kind: unless(state.kind, 'consumption'),
    currency: state.isChosen.currency ? state.currency : null,
    months: unless(state.span, 12),
    month: state.isChosen.month ? state.month : null,
    order: unless(state.order, 'amount:desc'),
    filter: state.filter || null,
    units: state.units ? 'all' : null,
    rows: unless(state.rows, DEFAULT_ROWS),
    shown: unless(state.shown, DEFAULT_GROUPS),
  };
}

/** The address of the overview with something else chosen. */
export function overviewHref(state, changes) {
  return href('', { ...addressed(state), ...changes });
}

/** The address of what is behind the figures of a group. */
export function groupHref(state, value, more = {}) {
  return href('group', {
    ...addressed(state),
    group: state.group,
    value,
    month: state.month,
    currency: state.currency,
    ...more,
  });
}

/** What a file is called that holds what a state shows of some time. */
export function fileName(state, when) {
  return `usage-${when}-by-${state.group.replace('_id', '').replaceAll('_', '-')}-${state.currency}.csv`;
}
