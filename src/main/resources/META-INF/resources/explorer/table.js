import { figure, fractionWidth } from './exact.js';
import { h } from './dom.js';

/**
 * A table of rows. A column has a title and a cell, which makes what stands in it of a row; or a
 * number, which is one of the row's; and where it can be ordered by, the links that do so.
 */
export function table(caption, columns, rows) {
  const table = h(
    'table',
    {},
    h('caption', { class: 'visually-hidden' }, caption),
    h('thead', {}, h('tr', {}, columns.map(head))),
    h(
      'tbody',
      {},
      rows.map((row) =>
        h(
          'tr',
          {},
          columns.map((column, index) => cell(column, row, index)),
        ),
      ),
    ),
  );
  columns.forEach((column, index) => {
    if (column.number) {
      const width = fractionWidth(rows.map(column.number));
      table.style.setProperty(
        `--fraction-${index}`,
        width === 0 ? '0px' : `calc(${width}ch + 0.4em)`,
      );
    }
  });
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption }, table);
}

function head(column) {
  return h(
    'th',
    {
      scope: 'col',
      class: column.number ? 'number' : null,
      'aria-sort': column.sorted ? `${column.sorted}ending` : null,
    },
    column.href
      ? h(
          'a',
          { href: column.href, 'data-key': `sort-${column.title}` },
          column.title,
          h(
            'span',
            { class: 'arrow', 'aria-hidden': 'true' },
            { asc: '\u25b2', desc: '\u25bc' }[column.sorted] ?? '\u21c5',
          ),
        )
      : column.title,
  );
}

function cell(column, row, index) {
  if (!column.number) {
    return h(index === 0 ? 'th' : 'td', index === 0 ? { scope: 'row' } : {}, column.cell(row));
  }
  const content = figure(column.number(row));
  content.style.setProperty('--fraction', `var(--fraction-${index})`);
  return h('td', { class: 'number' }, column.before?.(row), content, column.after?.(row));
}

/** The columns' order after a press on a head: the other way round, or from the first way. */
export function ordered(current, field, first) {
  const [by, way] = current.split(':');
  const sorted = by === field ? way : null;
  const next = sorted === null ? first : sorted === 'asc' ? 'desc' : 'asc';
  return { sorted, order: `${field}:${next}` };
}
