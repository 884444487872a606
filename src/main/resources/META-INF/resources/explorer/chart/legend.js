import { h } from '../dom.js';

/**
 * The legend. An entry takes its series out of the chart and back, and lets it stand out while it is
 * looked at.
 *
 * entries: { key, label, swatch, isOff }; handlers: onToggle(key), onLook(key or null), onOpen (null
 * where there is nothing to open).
 */
export function legend(entries, opens, handlers) {
  const look = (key) => ({
    onpointerenter: () => handlers.onLook(key),
    onpointerleave: () => handlers.onLook(null),
    onfocus: () => handlers.onLook(key),
    onblur: () => handlers.onLook(null),
  });
  return h(
    'ul',
    { class: 'chart-legend', 'aria-label': 'Shown in the chart' },
    entries.map(({ key, label, swatch, isOff }) =>
      h(
        'li',
        {},
        h(
          'button',
          {
            type: 'button',
            'aria-pressed': String(!isOff),
            'data-key': `legend ${key}`,
            onclick: () => handlers.onToggle(key),
            ...look(key),
          },
          swatch,
          h('span', {}, label),
        ),
      ),
    ),
    opens === null
      ? null
      : h(
          'li',
          {},
          h(
            'button',
            { type: 'button', class: 'open', 'data-key': 'legend-open', onclick: handlers.onOpen },
            opens,
          ),
        ),
  );
}
