import { h } from './dom.js';

/** How many rows are made at once: more of them would be a pause that a person feels. */
const SLICE = 50;

/** Of tables whose rows are still being made: when all are there. */
const growing = new WeakMap();

/**
 * A table of rows. A column has a title and a cell, which makes what stands in it of a row; where it
 * can be sorted by, how it is sorted and the address that does so; and whether it holds numbers.
 */
export function table(caption, columns, rows, { foot = null, className = null } = {}) {
  const body = h('tbody', {});
  growing.set(body, grow(body, columns, rows));
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h(
      'table',
      { class: className },
      h('caption', { class: 'visually-hidden' }, caption),
      h('thead', {}, h('tr', {}, columns.map(head))),
      body,
      foot ? h('tfoot', {}, line(columns, foot, 'foot')) : null,
    ),
  );
}

/** Waits until all rows of the table within an element are there. */
export async function wholeTable(element) {
  await growing.get(element.querySelector('tbody'));
}

async function grow(body, columns, rows) {
  for (let made = 0; made < rows.length; made += SLICE) {
    if (made > 0) {
      await new Promise((done) => setTimeout(done));
      if (!body.isConnected) {
        return;
      }
    }
    body.append(...rows.slice(made, made + SLICE).map((row) => line(columns, row, 'cell')));
  }
}

function line(columns, row, part) {
  return h(
    'tr',
    {},
    columns.map((column, index) =>
      h(
        index === 0 ? 'th' : 'td',
        { scope: index === 0 ? 'row' : null, class: column.isNumber ? 'number' : null },
        column[part]?.(row) ?? '',
      ),
    ),
  );
}

const ARROWS = { asc: '\u25b2', desc: '\u25bc' };

function head({ title, isNumber, sorted, href }) {
  return h(
    'th',
    {
      scope: 'col',
      class: isNumber ? 'number' : null,
      'aria-sort': sorted ? `${sorted}ending` : null,
    },
    href
      ? h(
          'a',
          { href, 'data-key': `sort-${title}`, 'data-replace': true },
          title,
          h('span', { class: 'arrow', 'aria-hidden': 'true' }, ARROWS[sorted] ?? ''),
        )
      : title,
  );
}

/** How a column is sorted, and the order after a press on its head: the other way, or its first. */
export function ordered(current, name, first) {
  const [by, way] = current.split(':');
  const sorted = by === name ? way : null;
  const next = sorted === null ? first : sorted === 'asc' ? 'desc' : 'asc';
  return { sorted, order: `${name}:${next}` };
}
