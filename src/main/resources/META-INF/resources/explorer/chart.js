import { magnitude } from './exact.js';
import { h } from './dom.js';

/** Placeholder. */
export function chart(host, model) {
  const update = (shown) => {
    host.replaceChildren(
      h(
        'div',
        { class: 'placeholder' },
        shown.months.map((month) =>
          h('button', { type: 'button', 'aria-pressed': String(month === shown.selected), onclick: () => shown.onSelect(month) }, month),
        ),
        h('p', {}, [...shown.groups, ...(shown.others ? [shown.others] : [])].map((each) => `${each.label} ${each.amounts.at(-1)}; `).join('')),
        shown.others ? h('button', { type: 'button', onclick: shown.onOpenOthers }, 'All others') : null,
      ),
    );
  };
  update(model);
  return { update, destroy: () => host.replaceChildren() };
}

export function spark(host, amounts) {
  const largest = Math.max(...amounts.map(magnitude), 1e-9);
  host.textContent = amounts.map((each) => '\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588'[Math.max(0, Math.round((magnitude(each) / largest) * 7))]).join('');
}

export function bars(host, days, onSelect) {
  host.replaceChildren(...days.map(({ day, amount }) => h('button', { type: 'button', onclick: () => onSelect(day) }, `${day.slice(8)}: ${amount}`)));
}
