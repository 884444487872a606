import { getRows } from './api.js';
import { changes, totals } from './calls.js';
import { spark, swatch } from './chart.js';
import { h } from './dom.js';
import { downloadButton } from './download.js';
import { compare, less, magnitude, sign } from './exact.js';
import { money, share } from './figure.js';
import { inChunks, is, isOneOf } from './filter.js';
import { percentText } from './headline.js';
import * as months from './month.js';
import { idBeside, nameOf } from './names.js';
import { emptyBox } from './problem.js';
import { amountsOf, largestCall } from './series.js';
import { amountOf, fileName, groupHref, MOST_ROWS, ofCurrency, overviewHref } from './state.js';
import { ordered, table } from './table.js';
import { FIELDS, units } from './words.js';

const PER_PAGE = 250;
const MORE = 50;

/** Names in the order of a person's list: "Customer 9" before "Customer 10". */
const COLLATOR = new Intl.Collator('en', { numeric: true });

/** What a column is of a row. */
const FIELD_OF = {
  amount: 'current_amount',
  share: 'current_amount',
  previous: 'previous_amount',
  change: 'change',
};

/** The call for the groups of a month and the one before, those that changed most first. */
export function groupsCall(state, more = {}) {
  return changes(
    `The ${FIELDS[state.group].many} of ${months.name(state.month)} and the month before`,
    state,
    [state.group],
    ofCurrency(state),
    more,
  );
}

/** The rows of the table: sorted here where all are known, by the server otherwise. */
export async function rowsOfTable(state, groups, largest, signal) {
  const [column, way] = state.order.split(':');
  if (groups.isComplete) {
    return sorted(state, groups.rows, largest).slice(0, state.rows);
  }
  if (column === 'change') {
    const wanted = groupsCall(state, { order_by: way === 'desc' ? 'change' : '-change' });
    const { rows } = await getRows(wanted, signal, state.rows);
    return rows.slice(0, state.rows);
  }
  return rowsOf(state, await getRows(listCall(state, column, way), signal, state.rows), signal);
}

function sorted(state, rows, largest) {
  const { group } = state;
  const [column, way] = state.order.split(':');
  const together = new Map(largest.map((row) => [row[group], row.total_amount]));
  const field = FIELD_OF[column];
  const compared = {
    name: (a, b) => COLLATOR.compare(nameOf(group, a[group]), nameOf(group, b[group])),
    months: (a, b) => compare(together.get(a[group]) ?? '0', together.get(b[group]) ?? '0'),
  }[column];
  const turn = way === 'asc' ? 1 : -1;
  return rows.toSorted((a, b) => turn * (compared ? compared(a, b) : compare(a[field], b[field])));
}

/** The groups in the order of a column, where they are too many to be sorted here. */
function listCall(state, column, way) {
  if (column === 'months') {
    return largestCall(state, `total_amount:${way}`);
  }
  const month = column === 'previous' ? state.previous : state.month;
  const { many } = FIELDS[state.group];
  return totals(
    `The ${many} of ${months.name(month)} in order`,
    state,
    [state.group],
    ofCurrency(state, is('month', month)),
    { order_by: `${column === 'name' ? state.group : 'total_amount'}:${way}` },
  );
}

/** The rows of listed groups, in the order of the list. */
async function rowsOf(state, list, signal) {
  const { group } = state;
  const values = list.rows.slice(0, state.rows).map((row) => row[group]);
  const filterOf = (some) => ofCurrency(state, isOneOf(group, some));
  const pages = await Promise.all(
    inChunks(values, PER_PAGE, filterOf).map((some) =>
      getRows(changes('Their rows', state, [group], filterOf(some)), signal, PER_PAGE),
    ),
  );
  const found = new Map(pages.flatMap(({ rows }) => rows).map((row) => [row[group], row]));
  const nothing = { previous_amount: '0', current_amount: '0', change: '0', unit: null };
  return values.map((value) => found.get(value) ?? { ...nothing, [group]: value });
}

/** The units of some groups in a month, each unit by itself. */
export async function unitsOf(state, values, signal) {
  const { group } = state;
  const filterOf = (some) => ofCurrency(state, is('month', state.month), isOneOf(group, some));
  const pages = await Promise.all(
    inChunks(values, 20, filterOf).map((some) =>
      getRows(
        totals('Their units', state, [...new Set([group, 'unit'])], filterOf(some), {
          include: 'unit_word',
        }),
        signal,
        Infinity,
      ),
    ),
  );
  return Map.groupBy(
    pages.flatMap(({ rows }) => rows),
    (row) => row[group],
  );
}

/** Whether there is one unit: that of all groups or, where these are not all known, of all rows shown. */
function hasOneUnit(groups, rows) {
  const [first, ...others] = groups.isComplete ? groups.rows : rows;
  const unit = first?.unit ?? null;
  return unit !== null && unit !== 'OTHER' && others.every((row) => row.unit === unit);
}

/** The call whose CSV has the table's figures, all of them, to the last digit. */
function downloadCall(state) {
  return totals(
    `All ${FIELDS[state.group].many} of ${months.name(state.month)}`,
    state,
    [state.group],
    ofCurrency(state, is('month', state.month)),
    { order_by: 'total_amount:desc', include: 'description' },
  );
}

/**
 * The table.
 *
 * shown: rows, groups (all, if they are complete), units (each group's, where they are shown)
 */
export function whatSection(state, { rows, groups, units: found }) {
  const { many } = FIELDS[state.group];
  const count = groups.isComplete ? groups.rows.length : `more than ${PER_PAGE}`;
  return [
    h(
      'div',
      { class: 'heading' },
      h('h2', { id: 'what' }, `${months.name(state.month)}, ${count} ${many}`),
      h(
        'div',
        { class: 'tools' },
        hasOneUnit(groups, rows) || rows.length === 0
          ? null
          : h(
              'a',
              {
                class: 'button',
                href: overviewHref(state, { units: state.units ? null : 'all' }),
                'data-key': 'units',
                'data-replace': true,
              },
              state.units ? 'Hide units' : 'Show units',
            ),
        downloadButton('Download CSV', downloadCall(state), fileName(state, state.month)),
      ),
    ),
    rows.length === 0
      ? emptyBox(`Nothing in ${months.name(state.month)}, nor in the month before.`)
      : table(
          `${months.name(state.month)} by ${FIELDS[state.group].one.toLowerCase()}`,
          columns(state, groups, found, rows),
          rows,
          { className: 'groups', foot: groups.isComplete ? {} : null },
        ),
    groups.isComplete && rows.length >= groups.rows.length
      ? null
      : h(
          'p',
          { class: 'more' },
          rows.length < MOST_ROWS
            ? h(
                'a',
                {
                  class: 'button',
                  href: overviewHref(state, { rows: rows.length + MORE }),
                  'data-key': 'more',
                  'data-replace': true,
                },
                `Show ${groups.isComplete ? Math.min(MORE, count - rows.length) : MORE} more`,
              )
            : 'No more fit here: add a filter, or download them all.',
          h('span', { class: 'muted' }, ` ${rows.length} of ${count}`),
        ),
  ];
}

function columns(state, groups, found, rows) {
  const { group, currency } = state;
  const whole = amountOf(state, state.month);
  const before = amountOf(state, state.previous);
  const largest = Math.max(...rows.map((row) => Math.abs(magnitude(row.current_amount))));
  const sortable = (title, name, first, more) => {
    const { sorted: way, order } = ordered(state.order, name, first);
    return { title, sorted: way, href: overviewHref(state, { order, rows: null }), ...more };
  };
  const amount = (title, name, valueOf, ofWhole) =>
    sortable(title, name, 'desc', {
      isNumber: true,
      cell: (row) => money(valueOf(row), currency),
      foot: () => money(ofWhole, currency),
    });
  return [
    sortable(FIELDS[group].one, 'name', 'asc', {
      cell: (row) => [
        swatch(group, row[group] ?? ''),
        h(
          'a',
          { href: groupHref(state, row[group]), 'data-key': `group-${row[group]}` },
          nameOf(group, row[group]),
        ),
        idBeside(group, row[group]),
      ],
      foot: () => 'All',
    }),
    amount(`Amount, ${currency}`, 'amount', (row) => row.current_amount, whole),
    sortable('Share', 'share', 'desc', {
      isNumber: true,
      cell: (row) => [share(row.current_amount, whole), bar(row.current_amount, largest)],
      foot: () => share(whole, whole),
    }),
    ...unitColumn(state, groups, found, rows),
    amount(months.short(state.previous), 'previous', (row) => row.previous_amount, before),
    sortable('Change', 'change', 'desc', {
      isNumber: true,
      cell: (row) => change(row.change, row.previous_amount, currency),
      foot: () => change(less(whole, before), before, currency),
    }),
    sortable(`${state.months.length} months`, 'months', 'desc', {
      cell: (row) => sparkLine(state, amountsOf(state, row[group])),
      foot: () =>
        sparkLine(
          state,
          state.months.map((month) => amountOf(state, month)),
        ),
    }),
  ];
}

function unitColumn(state, groups, found, rows) {
  if (hasOneUnit(groups, rows)) {
    return [
      {
        title: 'Units',
        isNumber: true,
        cell: (row) => units({ unit: row.unit, number_of_units: row.current_units }),
      },
    ];
  }
  return state.units
    ? [
        {
          title: 'Units',
          isNumber: true,
          cell: (row) =>
            h(
              'ul',
              { class: 'several' },
              (found.get(row[state.group]) ?? []).map((each) => h('li', {}, units(each))),
            ),
        },
      ]
    : [];
}

function change(amount, previous, currency) {
  const part = percentText(amount, previous);
  const isNew = sign(previous) === 0 && sign(amount) !== 0;
  return [
    money(amount, currency, { isSigned: true }),
    h('span', { class: 'percent' }, ` ${isNew ? 'new' : (part ?? '')}`),
  ];
}

function bar(amount, largest) {
  const length = Math.abs(magnitude(amount)) / (largest || 1);
  const element = h('span', { class: 'share', 'aria-hidden': 'true' });
  element.style.setProperty('--share', length);
  return element;
}

function sparkLine(state, amounts) {
  const host = h('span', { class: 'spark-host' });
  if (amounts) {
    spark(host, amounts, state.months.indexOf(state.month));
  }
  return host;
}
