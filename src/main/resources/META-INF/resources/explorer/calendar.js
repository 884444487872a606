import { h } from './dom.js';
import * as months from './month.js';

/**
 * A year of months to choose from, and the years beside it.
 *
 * from, to: between them there is usage; chosen: a set of months; onChoose gets the month pressed
 */
export function calendar({ from, to, chosen, onChoose }) {
  const box = h('div', { class: 'calendar' });
  const start = [...chosen].sort().at(-1) ?? to;
  const show = (year) => {
    const step = (by, label, arrow) =>
      h(
        'button',
        { type: 'button', 'aria-label': label, onclick: () => show(year + by), 'data-step': by },
        arrow,
      );
    const focused = box.contains(document.activeElement) ? document.activeElement : null;
    box.replaceChildren(
      h(
        'div',
        { class: 'years' },
        step(-1, 'Year before', '\u25c0'),
        h('strong', { 'aria-live': 'polite' }, String(year)),
        step(1, 'Year after', '\u25b6'),
      ),
      h(
        'div',
        { class: 'months' },
        months.NAMES.map((name, index) =>
          button(`${year}-${String(index + 1).padStart(2, '0')}`, name),
        ),
      ),
    );
    box.querySelector(`[data-step="${focused?.dataset.step}"]`)?.focus();
  };
  const button = (month, name) =>
    h(
      'button',
      {
        type: 'button',
        class: month < from || month > to ? 'unused' : null,
        'aria-label': months.name(month),
        'aria-pressed': String(chosen.has(month)),
        'data-first': month === start,
        onclick: ({ currentTarget }) => {
          onChoose(month);
          currentTarget.setAttribute('aria-pressed', String(chosen.has(month)));
        },
      },
      name,
    );
  show(Number(start.slice(0, 4)));
  return box;
}
