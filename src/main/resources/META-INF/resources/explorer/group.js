import { call, follow, get, getRows, rowsOf } from './api.js';
import { setTitle } from './brand.js';
import { changes, totals } from './calls.js';
import { bars } from './chart.js';
import { callsBehind } from './curl.js';
import { fill, h } from './dom.js';
import { downloadButton } from './download.js';
import { sum } from './exact.js';
import { exactly } from './figure.js';
import { all, apart, is } from './filter.js';
import { amountAndChange, standing } from './headline.js';
import * as months from './month.js';
import { idBeside, learnAccounts, nameOf } from './names.js';
import { emptyBox } from './problem.js';
import { change, href } from './route.js';
import { rememberNames } from './series.js';
import { mixedMonths } from './state.js';
import { ordered, table } from './table.js';
import { partsLine, partsOf } from './why.js';
import { capital, FIELDS, isOfKind, KINDS, units, word } from './words.js';

/** More lines of days than this are not added up here. */
const MOST_DAYS = 5_000;

const DEFAULT_ORDER = 'total_amount:desc';

/** Days cannot be ordered by amount. */
const DAY_ORDER = 'product_id:asc';

/** One group in one month: how much, why, its days, and the aggregates behind it. */
export async function showGroup(content, view, { parameters }, signal) {
  const given = Object.fromEntries(parameters);
  if (!Object.hasOwn(FIELDS, given.group ?? '') || !months.isMonth(given.month)) {
    fill(content, badLink());
    return;
  }
  const linked = readAsked(given);
  const { group, value, month } = linked;
  if (linked.isMixed) {
    throw mixedMonths();
  }
  const inAll = all(linked.where, is(group, value));
  const changed = changes('This month and the month before', linked, [group], inAll);
  // One row for each currency. The link may name none, and currencies are never added.
  const moved = rowsOf(await get(changed, signal));
  const row = linked.currency ? moved.find((each) => each.currency === linked.currency) : moved[0];
  if (!row) {
    fill(content, await nothingHere(linked, signal));
    return;
  }
  const asked = { ...linked, currency: row.currency };
  const ofGroup = all(asked.where, is(group, value), is('currency', asked.currency));
  const status = totals(
    'Whether the month is final',
    asked,
    [...new Set(['month', group])],
    all(ofGroup, is('month', month)),
    { include: 'description,updated_at,month_status' },
  );
  const list = listCall(asked, ofGroup);
  const days = call('Its days', 'usage/day', {
    filter: `${ofGroup} and ${is('month', month)} and ${isOfKind(asked.kind)}`,
    order_by: 'day:asc',
    per_page: 250,
  });
  const [standings, page] = await Promise.all([get(status, signal), get(list, signal)]);
  rememberNames(group, rowsOf(standings));
  rowsOf(page).forEach((each) => rememberNames('product_id', [each]));
  const [ids, { parts }] = await Promise.all([
    idsOf(asked, ofGroup, rowsOf(page), signal),
    partsOf(asked, [row], signal),
    learnAccounts(
      [...(group === 'account_id' ? [value] : []), ...rowsOf(page).map((each) => each.account_id)],
      signal,
    ),
  ]);
  const name = nameOf(group, value);
  setTitle(`${name}, ${months.name(month)}`);
  const host = h('div', { class: 'days' }, h('div', { class: 'skeleton' }));
  const [standingRow] = rowsOf(standings);
  fill(
    content,
    crumbs(
      addressOf(asked),
      h('span', { 'aria-current': 'page' }, `${name}, ${months.name(month)}`),
    ),
    h(
      'section',
      { class: 'panel how-much' },
      h('p', { class: 'muted' }, `${FIELDS[group].one}`),
      h(
        'h1',
        {},
        h('span', { class: 'name' }, name, idBeside(group, value)),
        h('span', { class: 'when' }, ` ${months.name(month)}: `),
        amountAndChange(row.current_amount, row.previous_amount, row.currency),
      ),
      partsLine(parts.get(value), row.currency),
      unitsLine(row, asked),
      standingRow ? standing(standingRow, month) : null,
      beforeLink(asked),
      currencyLinks(
        asked,
        moved.filter((each) => each !== row),
      ),
    ),
    h(
      'section',
      { class: 'panel', 'aria-labelledby': 'days' },
      h('h2', { id: 'days' }, 'Day by day'),
      host,
    ),
    aggregates(asked, list, page, ids),
    h('section', { class: 'panel' }, callsBehind([changed, status, days, list])),
  );
  await showDays(host, asked, days, signal);
}

/** What an address asks for; of it what cannot be is passed over. */
function readAsked({ group, value, month, currency, kind, filter, order, day, cursor, ...above }) {
  const fitting = (text, pattern) => (pattern.test(text ?? '') ? text : null);
  const { where, isMixed } = apart(filter ?? '');
  return {
    ...above,
    group,
    value: value ?? null,
    month,
    currency: fitting(currency, /^[A-Z]{3}$/),
    kind: Object.hasOwn(KINDS, kind ?? '') ? kind : 'consumption',
    filter: filter ?? '',
    where,
    isMixed,
    order: fitting(order, /^(product_id|account_id|total_amount):(asc|desc)$/) ?? DEFAULT_ORDER,
    day: months.days(month).includes(day) ? day : null,
    cursor,
    previous: months.plus(month, -1),
  };
}

/** The aggregates of the month, or the lines of one of its days. */
function listCall({ group, value, month, day, kind, order, cursor }, ofGroup) {
  const when = day ? is('day', day) : is('month', month);
  return call(
    `The aggregates of ${nameOf(group, value)} ${day ? `on ${months.dayName(day)}` : `in ${months.name(month)}`}`,
    day ? 'usage/day' : 'usage/month',
    {
      filter: `${ofGroup} and ${when} and ${isOfKind(kind)}`,
      order_by: day && order.startsWith('total_amount') ? DAY_ORDER : order,
      include: 'unit_word',
      per_page: 50,
      cursor,
    },
  );
}

/** The aggregate of each row: a line of a day has an id of its own, and shares all but its sums. */
async function idsOf(asked, ofGroup, rows, signal) {
  if (!asked.day) {
    return new Map(rows.map((row) => [row, row.id]));
  }
  const { day, cursor, ...whole } = asked;
  const { rows: aggregates } = await getRows({ ...listCall(whole, ofGroup) }, signal, MOST_DAYS);
  const keyOf = ({ id, day: own, number_of_units: count, total_amount: amount, ...rest }) =>
    JSON.stringify(rest);
  const known = new Map(aggregates.map((row) => [keyOf(row), row.id]));
  return new Map(rows.map((row) => [row, known.get(keyOf(row))]));
}

/** Where this is; all that is above it can be pressed. */
export function crumbs(given, ...rest) {
  const { value, day, order, cursor, ...above } = given;
  return h(
    'nav',
    { 'aria-label': 'Where you are', class: 'crumbs' },
    h('a', { href: href('', above), 'data-key': 'up' }, 'All usage'),
    rest,
  );
}

function badLink() {
  return h(
    'section',
    { class: 'panel' },
    h('h1', {}, 'This link leads nowhere'),
    emptyBox(
      'It names no field or no month. It may have been cut off.',
      h('a', { class: 'button', href: '#/' }, 'All usage'),
    ),
  );
}

/** There is no such group in this month: where it is instead, if anywhere. */
async function nothingHere(asked, signal) {
  const { group, value, month, currency, kind, filter, where } = asked;
  const everywhere = totals('Where it is', asked, ['month'], all(where, is(group, value)), {
    order_by: 'month:desc',
  });
  const found = rowsOf(await get(everywhere, signal));
  const at = found.find((row) => row.month <= month) ?? found[0];
  const name = nameOf(group, value);
  const one = FIELDS[group].one.toLowerCase();
  const up = h(
    'a',
    { class: 'button', href: href('', { group, month, kind, filter }) },
    'All usage',
  );
  setTitle(name);
  return [
    crumbs(addressOf(asked), h('span', { 'aria-current': 'page' }, name)),
    h(
      'section',
      { class: 'panel' },
      h('h1', {}, name),
      at
        ? emptyBox(
            `This ${one} has no usage in ${months.name(month)}${currency ? ` in ${currency}` : ''}. It has some in ${months.name(at.month)} in ${at.currency}.`,
            h(
              'a',
              {
                class: 'button',
                'data-replace': true,
                href: href('group', {
                  group,
                  value,
                  kind,
                  filter,
                  month: at.month,
                  currency: at.currency,
                }),
              },
              `Show ${months.name(at.month)} in ${at.currency}`,
            ),
            up,
          )
        : emptyBox(
            `There is no usage of a ${one} of this name${filter ? ' that the filter finds' : ''}.`,
            up,
          ),
    ),
  ];
}

function unitsLine(row) {
  if (row.unit === null || row.current_units === null || row.current_units === undefined) {
    return null;
  }
  return h(
    'p',
    {},
    units({ unit: row.unit, number_of_units: row.current_units }),
    ' after ',
    units({ unit: row.unit, number_of_units: row.previous_units }),
    ' the month before.',
  );
}

function beforeLink({ previous, ...asked }) {
  return h(
    'p',
    {},
    h(
      'a',
      {
        href: href('group', { ...addressOf(asked), month: previous, day: null }),
        'data-key': 'before',
      },
      `The same in ${months.name(previous)}`,
    ),
  );
}

/** Leads to the same in each other currency it is billed in, if there is one. */
function currencyLinks(asked, others) {
  return others.length === 0
    ? null
    : h(
        'p',
        {},
        others.map(({ currency }) => [
          h(
            'a',
            {
              href: href('group', { ...addressOf(asked), currency, day: null }),
              'data-key': `currency-${currency}`,
            },
            `The same in ${currency}`,
          ),
          ' ',
        ]),
      );
}

async function showDays(host, asked, wanted, signal) {
  const { rows, isComplete } = await getRows(wanted, signal, MOST_DAYS);
  if (!isComplete) {
    fill(
      host,
      emptyBox(
        'There are too many lines to add up here by day: choose an account or a product first.',
      ),
    );
    return;
  }
  const byDay = Map.groupBy(rows, (row) => row.day);
  if (byDay.size === 0) {
    fill(
      host,
      emptyBox(
        `There are no days of ${months.name(asked.month)}: nothing was used, or its records were dropped.`,
      ),
    );
    return;
  }
  host.replaceChildren();
  bars(
    host,
    months.days(asked.month).map((day) => ({
      day,
      amount: sum((byDay.get(day) ?? []).map((row) => row.total_amount)),
    })),
    (day) => change(href('group', { ...addressOf(asked), day: day === asked.day ? null : day })),
    {
      currency: rows[0].currency,
      selected: asked.day ?? null,
      title: `${nameOf(asked.group, asked.value)}, ${months.name(asked.month)}, day by day`,
    },
  );
}

const addressOf = ({ previous, where, isMixed, ...asked }) => ({
  ...asked,
  kind: asked.kind === 'consumption' ? null : asked.kind,
  order: asked.order === DEFAULT_ORDER ? null : asked.order,
  cursor: null,
});

function aggregates(asked, list, page, ids) {
  const { group, value, month, day, order } = asked;
  const at = (changes) => href('group', { ...addressOf(asked), ...changes });
  const sortable = (title, field, first, more) => {
    const { sorted, order: next } = ordered(order, field, first);
    return { title, sorted, href: at({ order: next }), ...more };
  };
  const rows = rowsOf(page);
  const when = day ? months.dayName(day) : months.name(month);
  return h(
    'section',
    { class: 'panel', 'aria-labelledby': 'aggregates' },
    h(
      'div',
      { class: 'heading' },
      h('h2', { id: 'aggregates' }, `What it is made of, ${when}`),
      h(
        'div',
        { class: 'tools' },
        day
          ? h(
              'a',
              {
                class: 'button',
                href: at({ day: null }),
                'data-replace': true,
                'data-key': 'whole',
              },
              'The whole month',
            )
          : null,
        downloadButton(
          'Download CSV',
          list,
          `usage-${day ?? month}-${fileName(value ?? `no-${group}`)}.csv`,
        ),
      ),
    ),
    rows.length === 0
      ? emptyBox(`There is nothing on ${when}.`)
      : table(
          `Aggregates of ${nameOf(group, value)}, ${when}`,
          [
            sortable('Product', 'product_id', 'asc', {
              cell: (row) => [
                recordsLink(asked, row, ids.get(row)),
                row.description ? h('span', { class: 'id' }, ` ${row.product_id}`) : null,
              ],
            }),
            sortable('Account', 'account_id', 'asc', {
              cell: (row) => [
                nameOf('account_id', row.account_id),
                idBeside('account_id', row.account_id),
              ],
            }),
            { title: 'Units', isNumber: true, cell: units },
            { title: 'Price', isNumber: true, cell: (row) => exactly(row.price) },
            {
              ...(day ? { title: 'Amount' } : sortable('Amount', 'total_amount', 'desc')),
              isNumber: true,
              cell: (row) => [exactly(row.total_amount), ` ${row.currency}`],
            },
            { title: 'Type', cell: (row) => capital(word(row.type)) },
            { title: 'Direction', cell: (row) => capital(word(row.direction)) },
            { title: 'Outcome', cell: (row) => capital(word(row.resolution)) },
          ],
          rows,
        ),
    pager(list, page, (cursor) => at({ cursor })),
  );
}

function recordsLink(asked, row, id) {
  const name = row.description ?? row.product_id;
  return id
    ? h(
        'a',
        {
          href: href(`records/${id}`, addressOf(asked)),
          'aria-label': `Records of ${name}, ${nameOf('account_id', row.account_id)}`,
          'data-key': row.id,
        },
        name,
      )
    : name;
}

/** Leads to the pages before and after one, where there are such. */
export function pager(wanted, page, hrefAt) {
  const link = (name, label) => {
    const next = follow(wanted, page[name]);
    return next
      ? h(
          'a',
          {
            class: 'button',
            href: hrefAt(next.parameters.cursor),
            'data-key': name,
            'data-replace': true,
          },
          label,
        )
      : null;
  };
  const links = [link('prev', 'Previous page'), link('next', 'Next page')].filter(Boolean);
  return links.length > 0 ? h('nav', { class: 'pager', 'aria-label': 'Pages' }, links) : null;
}

function fileName(text) {
  return text.replace(/[^\w.-]+/g, '-');
}
