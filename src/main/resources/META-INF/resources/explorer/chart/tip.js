import { h } from '../dom.js';

/** How many groups a tip lists. */
const MOST = 12;

/** Narrower frames have their tip below, in pixels. */
const NARROW = 480;

/** The box beside a column that says what is in it. What it says, the column's label says too. */
export function tip(host) {
  const box = h('div', { class: 'chart-tip', hidden: true, 'aria-hidden': 'true' });
  host.append(box);
  return {
    /** rows: { swatch, label, amount, isAt }; column: left and right in pixels of the host. */
    show({ title, total, rows, hint }, column) {
      const shown = rows.filter((row, index) => index < MOST || row.isAt);
      const rest = rows.length - shown.length;
      box.replaceChildren(
        h('p', { class: 'title' }, h('span', {}, title), h('strong', {}, total)),
        h(
          'ul',
          {},
          shown.map(({ swatch, label, amount, isAt }) =>
            h(
              'li',
              { class: isAt ? 'at' : null },
              swatch,
              h('span', { class: 'name' }, label),
              h('span', { class: 'value' }, amount),
            ),
          ),
        ),
        rest > 0 ? h('p', { class: 'hint' }, `and ${rest} more`) : '',
        hint ? h('p', { class: 'hint' }, hint) : '',
      );
      box.hidden = false;
      // Where there is no room beside a column, the legend below says least that is not said here.
      box.style.top = host.clientWidth < NARROW ? '100%' : '0';
      const room = host.clientWidth - box.offsetWidth;
      const left =
        column.right + 6 <= room
          ? column.right + 6
          : Math.min(column.left - 6 - box.offsetWidth, room);
      box.style.left = `${Math.max(0, left)}px`;
    },
    hide() {
      box.hidden = true;
    },
  };
}
