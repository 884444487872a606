import { get, getAll, rowsOf } from './api.js';
import { COLOURS } from './chart.js';
import { nameOf } from './fields.js';
import { all, is, isOneOf, MAX_LENGTH } from './filter.js';
import { range } from './state.js';
import { BY_AMOUNT, totals } from './totals.js';
import { unitOf } from './words.js';

/**
 * What the chart shows: a series for each of the largest groups, by the server's order, and for the
 * rest together, which the server adds too. Of thousands of groups that is a page or two. Groups are
 * never added here: one of several units has a series for each, in one colour.
 */
export async function readSeries(state, signal) {
  const { group } = state;
  const where = all(state.filter, range(state), is('currency', state.currency));
  const largest = totals('The largest of these months', state, [group], where, {
    order_by: BY_AMOUNT,
    per_page: 100,
  });
  const page = await get(largest, signal);
  const values = [...new Set(rowsOf(page).map((row) => row[group]))];
  const shown = fitting(values.slice(0, COLOURS), (some) =>
    all(where, `not ${isOneOf(group, some)}`),
  );
  const calls = [largest];
  const series = new Map();
  const add = (row, name, colour) => {
    const key = `${colour} ${unitOf(row)}`;
    if (!series.has(key)) {
      series.set(key, { name, colour, rows: new Map() });
    }
    series.get(key).rows.set(row.month, row);
  };
  if (shown.length > 0) {
    const wanted = totals(
      'These, month by month',
      state,
      ['month', group],
      all(where, isOneOf(group, shown)),
      { per_page: 250 },
    );
    calls.push(wanted);
    const rows = await getAll(wanted, signal);
    rows.sort((a, b) => shown.indexOf(a[group]) - shown.indexOf(b[group]));
    rows.forEach((row) => add(row, nameOf(group, row[group]), shown.indexOf(row[group])));
  }
  if (page.next || shown.length < values.length) {
    const wanted = totals(
      'All others, month by month',
      state,
      ['month'],
      all(where, `not ${isOneOf(group, shown)}`),
      { per_page: 250 },
    );
    calls.push(wanted);
    (await getAll(wanted, signal)).forEach((row) => add(row, 'All others', COLOURS));
  }
  const download = totals('All groups, month by month', state, ['month', group], where);
  return { series: [...series.values()], shown, calls, download };
}

/** As many of the values, from the first on, as a filter of all of them is not too long for. */
function fitting(values, filterOf) {
  let count = values.length;
  while (count > 1 && filterOf(values.slice(0, count)).length > MAX_LENGTH) {
    count -= 1;
  }
  return values.slice(0, count);
}
