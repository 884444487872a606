import { call, get, rowsOf } from './api.js';
import { callsBehind } from './curl.js';
import { fill, h } from './dom.js';
import { downloadButton } from './download.js';
import { FIELDS, nameOf } from './fields.js';
import { all, is } from './filter.js';
import { isOfKind } from './kind.js';
import * as months from './month.js';
import { pager } from './pager.js';
import { go, href } from './route.js';
import { ordered, table } from './table.js';
import { headline, unitOf, word } from './words.js';

/** The aggregates behind one total: those of a month, a currency and a unit that have one value. */
export async function showUsage(content, { parameters }, signal) {
  const given = Object.fromEntries(parameters);
  const { group, month, currency, unit, kind, filter } = given;
  if (!Object.hasOwn(FIELDS, group ?? '') || !months.isMonth(month)) {
    go(href('', {}));
    return;
  }
  const value = given.value ?? null;
  const order = given.order ?? 'account_id:asc';
  const clauses = all(
    filter,
    is(group, value),
    is('month', month),
    is('currency', currency),
    is('unit', unit),
  );
  const total = call(
    `The total of ${nameOf(group, value)} in ${months.name(month)}`,
    'usage/month/totals',
    {
      group_by: `${group},unit`,
      kind,
      filter: clauses,
      include: 'unit_word',
    },
  );
  const list = call(
    `The aggregates of ${nameOf(group, value)} in ${months.name(month)}`,
    'usage/month',
    {
      filter: `${clauses} and ${isOfKind(kind)}`,
      order_by: order,
      include: 'unit_word',
      per_page: 50,
      cursor: given.cursor,
    },
  );
  const [sum, page] = await Promise.all([get(total, signal), get(list, signal)]);

  document.title = `${nameOf(group, value)}, ${months.name(month)} \u2013 Usage explorer`;
  const at = (changes) => href('usage', { ...given, cursor: null, ...changes });
  const sortable = (title, field, cell) => {
    const { sorted, order: next } = ordered(order, field, 'asc');
    return { title, cell, sorted, href: at({ order: next }) };
  };
  fill(
    content,
    h(
      'nav',
      { 'aria-label': 'Where you are', class: 'crumbs' },
      h(
        'a',
        { href: href('', { group, month, currency, kind, filter }), 'data-key': 'up' },
        'All usage',
      ),
      h('span', { 'aria-current': 'page' }, `${nameOf(group, value)}, ${months.name(month)}`),
    ),
    h(
      'section',
      { class: 'panel' },
      h('p', { class: 'muted' }, `${FIELDS[group].one} in ${months.name(month)}`),
      h('h1', {}, nameOf(group, value)),
      rowsOf(sum).map(headline),
      h(
        'div',
        { class: 'tools' },
        downloadButton(
          'Download as CSV',
          list,
          `usage-${month}-${fileName(nameOf(group, value))}.csv`,
        ),
      ),
      rowsOf(page).length === 0
        ? h('p', {}, 'There is nothing here (any more).')
        : table(
            `Aggregates of ${nameOf(group, value)} in ${months.name(month)}`,
            [
              sortable('Account', 'account_id', (row) => row.account_id),
              sortable('Product', 'product_id', (row) =>
                h(
                  'a',
                  {
                    href: href(`records/${row.id}`, { ...given, cursor: null }),
                    'aria-label': `Records of ${row.product_id}, ${row.account_id}`,
                  },
                  row.product_id,
                ),
              ),
              {
                title: unit === 'OTHER' ? 'Units' : `Units, ${word(unit)}`,
                number: (row) => row.number_of_units,
                after: (row) =>
                  unit === 'OTHER' ? h('span', { class: 'unit' }, ` ${unitOf(row)}`) : null,
              },
              { title: `Amount, ${currency}`, number: (row) => row.total_amount },
              { title: 'Price', number: (row) => row.price },
              { title: 'Description', cell: (row) => row.description ?? '' },
              { title: 'Type', cell: (row) => word(row.type) },
              { title: 'Direction', cell: (row) => word(row.direction) },
              { title: 'Resolution', cell: (row) => word(row.resolution) },
            ],
            rowsOf(page),
          ),
      pager(list, page, (cursor) => at({ cursor })),
      callsBehind([total, list]),
    ),
  );
}

function fileName(text) {
  return text.replace(/[^\w.-]+/g, '-');
}
