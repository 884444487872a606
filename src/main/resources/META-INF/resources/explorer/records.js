import { call, get, rowsOf } from './api.js';
import { setTitle } from './brand.js';
import { callsBehind } from './curl.js';
import { fill, h } from './dom.js';
import { exactly } from './figure.js';
import { crumbs, pager } from './group.js';
import * as months from './month.js';
import { learnAccounts, nameOf } from './names.js';
import { href } from './route.js';
import { table } from './table.js';
import { time, units } from './words.js';

/** The records of one aggregate, each as it was sent. */
export async function showRecords(content, view, { id, parameters }, signal) {
  const given = Object.fromEntries(parameters);
  const path = `usage/month/${encodeURIComponent(id)}`;
  const one = call('The aggregate', path, { include: 'unit_word' });
  const list = call('Its records', `${path}/records`, { per_page: 50, cursor: given.cursor });
  const [aggregate, page] = await Promise.all([get(one, signal), get(list, signal)]);
  const { account_id: account, product_id: product, month } = aggregate;
  await learnAccounts([account], signal);
  const name = `${aggregate.description ?? product}, ${nameOf('account_id', account)}`;

  setTitle(`Records of ${name}`);
  const { cursor, ...above } = given;
  fill(
    content,
    crumbs(
      given,
      above.group
        ? h(
            'a',
            { href: href('group', above), 'data-key': 'up' },
            `${nameOf(above.group, above.value ?? null)}, ${months.name(month)}`,
          )
        : null,
      h('span', { 'aria-current': 'page' }, 'Records'),
    ),
    h(
      'section',
      { class: 'panel how-much' },
      h('p', { class: 'muted' }, `Records of ${months.name(month)}`),
      h(
        'h1',
        {},
        h('span', { class: 'name' }, name),
        h('span', { class: 'amount' }, exactly(aggregate.total_amount), ` ${aggregate.currency}`),
      ),
      h(
        'p',
        { class: 'muted' },
        'Product ',
        h('code', {}, product),
        ', account ',
        h('code', {}, account),
        ', ',
        units(aggregate),
        '.',
      ),
    ),
    h(
      'section',
      { class: 'panel' },
      table(
        `Records of ${name} in ${months.name(month)}`,
        [
          { title: 'Record', cell: (row) => row.id },
          {
            title: 'Units',
            isNumber: true,
            cell: (row) => units({ ...aggregate, number_of_units: row.number_of_units }),
          },
          {
            title: `Amount, ${aggregate.currency}`,
            isNumber: true,
            cell: (row) => exactly(row.total_amount),
          },
          { title: 'Occurred', cell: (row) => time(row.occurred_at) },
          { title: 'Received', cell: (row) => time(row.received_at) },
        ],
        rowsOf(page),
      ),
      pager(list, page, (next) => href(`records/${id}`, { ...above, cursor: next })),
      callsBehind([one, list]),
    ),
  );
}
