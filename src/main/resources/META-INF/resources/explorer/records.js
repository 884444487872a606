import { call, get, rowsOf } from './api.js';
import { callsBehind } from './curl.js';
import { fill, h } from './dom.js';
import { nameOf } from './fields.js';
import * as months from './month.js';
import { pager } from './pager.js';
import { href } from './route.js';
import { table } from './table.js';
import { headline, unitOf } from './words.js';

/** The records of one aggregate, each as it was sent. */
export async function showRecords(content, { id, parameters }, signal) {
  const given = Object.fromEntries(parameters);
  const path = `usage/month/${encodeURIComponent(id)}`;
  const one = call('The aggregate', path, { include: 'unit_word' });
  const list = call('Its records', `${path}/records`, { per_page: 50, cursor: given.cursor });
  const [aggregate, page] = await Promise.all([get(one, signal), get(list, signal)]);
  const name = `${aggregate.product_id}, ${aggregate.account_id}`;

  document.title = `Records of ${name} \u2013 Usage explorer`;
  const { cursor, ...above } = given;
  const where = [
    h('a', { href: href('', { ...above, value: null, unit: null, order: null }) }, 'All usage'),
  ];
  if (above.group) {
    where.push(
      h(
        'a',
        { href: href('usage', above), 'data-key': 'up' },
        `${nameOf(above.group, above.value ?? null)}, ${months.name(aggregate.month)}`,
      ),
    );
  }
  fill(
    content,
    h(
      'nav',
      { 'aria-label': 'Where you are', class: 'crumbs' },
      where,
      h('span', { 'aria-current': 'page' }, 'Records'),
    ),
    h(
      'section',
      { class: 'panel' },
      h('p', { class: 'muted' }, `Records of ${months.name(aggregate.month)}`),
      h('h1', {}, name),
      headline(aggregate),
      table(
        `Records of ${name} in ${months.name(aggregate.month)}`,
        [
          { title: 'Record', cell: (row) => row.id },
          { title: `Units, ${unitOf(aggregate)}`, number: (row) => row.number_of_units },
          { title: `Amount, ${aggregate.currency}`, number: (row) => row.total_amount },
          { title: 'Occurred (UTC)', cell: (row) => time(row.occurred_at) },
          { title: 'Received (UTC)', cell: (row) => time(row.received_at) },
        ],
        rowsOf(page),
      ),
      pager(list, page, (next) => href(`records/${id}`, { ...above, cursor: next })),
      callsBehind([one, list]),
    ),
  );
}

/** A time of the server's, which is UTC: to the second, and as it came on a closer look. */
function time(text) {
  return h('time', { datetime: text, title: text }, text.slice(0, 19).replace('T', ' '));
}
