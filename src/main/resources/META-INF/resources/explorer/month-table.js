import { get, rowsOf } from './api.js';
import { callsBehind } from './curl.js';
import { h } from './dom.js';
import { downloadButton } from './download.js';
import { magnitude } from './exact.js';
import { FIELDS, nameOf } from './fields.js';
import { KINDS } from './kind.js';
import * as months from './month.js';
import { pager } from './pager.js';
import { go, href } from './route.js';
import { addressed, fileName, monthHref, ofMonth, usageHref } from './state.js';
import { ordered, table } from './table.js';
import { totals } from './totals.js';
import { unitOf } from './words.js';

/** Every figure of a month, the largest first unless ordered otherwise, and where each leads. */
export async function monthTableOf(state, signal) {
  const wanted = totals(
    `All of ${months.name(state.month)}`,
    state,
    [state.group],
    ofMonth(state),
    {
      order_by: state.order,
      per_page: 25,
      cursor: state.cursor,
    },
  );
  const page = await get(wanted, signal);
  const rows = rowsOf(page);
  const largest = Math.max(...rows.map((row) => Math.abs(magnitude(row.total_amount))));
  const sortable = (field, first) => {
    const { sorted, order } = ordered(state.order, field, first);
    return { sorted, href: href('', { ...addressed(state), order }) };
  };
  const columns = [
    {
      title: FIELDS[state.group].one,
      ...sortable(state.group, 'asc'),
      cell: (row) =>
        h(
          'a',
          {
            href: usageHref(state, row, state.month),
            'data-key': `${row[state.group]} ${unitOf(row)}`,
          },
          nameOf(state.group, row[state.group]),
        ),
    },
    {
      title: 'Units',
      number: (row) => row.number_of_units,
      after: (row) =>
        h(
          'span',
          { class: 'unit' },
          ` ${row.number_of_units === null ? 'several kinds' : unitOf(row)}`,
        ),
    },
    {
      title: `Amount, ${state.currency}`,
      ...sortable('total_amount', 'desc'),
      number: (row) => row.total_amount,
      before: (row) => bar(Math.abs(magnitude(row.total_amount)) / (largest || 1)),
    },
  ];
  return h(
    'section',
    { class: 'panel', 'aria-labelledby': 'month-title' },
    h(
      'div',
      { class: 'month' },
      h('h2', { id: 'month-title' }, months.name(state.month)),
      monthChoice(state),
    ),
    h(
      'p',
      { class: 'muted' },
      `A row for each ${FIELDS[state.group].one.toLowerCase()} and unit: what is counted in unlike units is not added.`,
    ),
    rows.length === 0
      ? h('p', {}, 'There is nothing in this month.')
      : table(`${KINDS[state.kind]} in ${months.name(state.month)}`, columns, rows),
    pager(wanted, page, (cursor) => href('', { ...addressed(state), cursor })),
    h(
      'div',
      { class: 'tools' },
      downloadButton('Download this month as CSV', wanted, fileName(state, state.month)),
    ),
    callsBehind([wanted]),
  );
}

function bar(share) {
  const bar = h('span', { class: 'share', 'aria-hidden': 'true' });
  bar.style.setProperty('--share', share);
  return bar;
}

function monthChoice(state) {
  const step = (count, label, arrow) =>
    h(
      'a',
      {
        class: 'button',
        href: monthHref(state, months.plus(state.month, count)),
        'aria-label': label,
        'data-key': label,
      },
      arrow,
    );
  const choices = [...new Set([state.month, ...state.months])].sort().reverse();
  return h(
    'div',
    { class: 'row' },
    step(-1, 'Month before', '\u25c0'),
    h(
      'select',
      {
        'aria-label': 'Month',
        'data-key': 'month',
        onchange: (event) => go(monthHref(state, event.target.value)),
      },
      choices.map((month) =>
        h('option', { value: month, selected: month === state.month }, months.name(month)),
      ),
    ),
    state.month < state.newest ? step(1, 'Month after', '\u25b6') : null,
  );
}
