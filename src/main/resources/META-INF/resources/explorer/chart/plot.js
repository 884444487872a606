import { tickLabel } from './labels.js';
import { scaleOf, stacked } from './scale.js';
import { s } from './svg.js';

const TOP = 20;
const BOTTOM = 36;
const RIGHT = 4;
const WIDTH_OF_CHARACTER = 7;
const WIDTH_OF_LABEL = 36;
const GAP = 1;
const LEAST_HEIGHT = 1.5;

/** What a chart is drawn for on paper, which then stretches it to the page. */
const PAPER = { width: 720, height: 240 };

/**
 * Columns of stacked segments in an element, by pointer and by keyboard: a list of columns, of which
 * one is selected. Arrow keys go from column to column and from segment to segment.
 *
 * handlers: onPoint(slot, key) and onLeave() tell what is looked at, by pointer or focus;
 * onChoose(slot, key) tells what was pressed. A key is null where a column as a whole is meant.
 */
export function plot(host, handlers) {
  const svg = s('svg', { class: 'plot', role: 'listbox', 'aria-orientation': 'horizontal' });
  host.append(svg);
  const listening = new AbortController();
  const { signal } = listening;
  /** model: what is drawn; at: the slot and key looked at; layout: where each slot's column is. */
  let model = null;
  let layout = null;
  let at = { slot: null, key: null };
  /** To draw anew takes the focused column away, which is not to say that it was left. */
  let isDrawing = false;

  const resizing = new ResizeObserver(() => {
    if (model && svg.clientWidth !== layout?.width) {
      draw();
    }
  });
  resizing.observe(host);

  /** Draws in the room that there is, or for paper: its width is known only once it is printed. */
  function draw({ width, height } = { width: svg.clientWidth, height: svg.clientHeight }) {
    if (width === 0) {
      return;
    }
    const focused = svg.contains(document.activeElement) ? document.activeElement : null;
    isDrawing = true;
    layout = layoutOf(model, width, height);
    svg.setAttribute('viewBox', `0 0 ${layout.width} ${layout.height}`);
    svg.setAttribute('aria-label', model.title);
    svg.replaceChildren(
      s('g', { class: 'axis', 'aria-hidden': 'true' }, axisOf(model, layout)),
      s('g', { class: 'labels', 'aria-hidden': 'true' }, labelsOf(model, layout)),
      ...model.slots.map((slot, index) => column(model, layout, slot, index)),
    );
    mark(at);
    if (focused) {
      columnOf(focused.dataset.slot)?.focus({ preventScroll: true });
    }
    isDrawing = false;
  }

  window.addEventListener('beforeprint', () => draw(PAPER), { signal });
  window.addEventListener('afterprint', () => draw(), { signal });

  const columnOf = (slot) => svg.querySelector(`[data-slot="${CSS.escape(slot)}"]`);

  /** Shows what is looked at: a series stands out in all columns, its segment in one most. */
  function mark(next) {
    at = next;
    svg.querySelectorAll('.at, .same').forEach((each) => each.classList.remove('at', 'same'));
    svg.classList.toggle('marked', at.key !== null);
    const column = at.slot === null ? null : columnOf(at.slot);
    column?.classList.add('at');
    if (at.key !== null) {
      const segments = `[data-series="${CSS.escape(at.key)}"]`;
      svg.querySelectorAll(segments).forEach((each) => each.classList.add('same'));
      column?.querySelector(segments)?.classList.add('at');
    }
  }

  function point(slot, key) {
    mark({ slot, key });
    handlers.onPoint(slot, key);
  }

  function leave() {
    if (isDrawing) {
      return;
    }
    const focused = svg.querySelector('.column:focus-visible');
    if (focused) {
      point(focused.dataset.slot, null);
    } else {
      mark({ slot: null, key: null });
      handlers.onLeave();
    }
  }

  const slotAt = (event) => {
    const x = ((event.clientX - svg.getBoundingClientRect().left) * layout.width) / svg.clientWidth;
    const index = Math.floor((x - layout.left) / layout.step);
    return model.slots[index]?.key ?? null;
  };
  const keyAt = (event) => event.target.dataset.series ?? null;

  // On the host: an element of SVG that listens for focus would take the focus itself.
  const on = (type, listener) => host.addEventListener(type, listener, { signal });
  const follow = (event) => {
    const slot = svg.contains(event.target) ? slotAt(event) : null;
    const key = keyAt(event);
    if (slot === null) {
      leave();
    } else if (slot !== at.slot || key !== at.key) {
      point(slot, key);
    }
  };
  on('pointermove', follow);
  on('pointerdown', follow);
  on('pointerleave', (event) => {
    // A finger that is lifted leaves too; what it touched is to be read all the same.
    if (event.pointerType !== 'touch') {
      leave();
    }
  });
  on('click', (event) => {
    const slot = svg.contains(event.target) ? slotAt(event) : null;
    if (slot !== null) {
      handlers.onChoose(slot, keyAt(event));
    }
  });
  on('focusin', ({ target }) => {
    svg.querySelector('[tabindex="0"]')?.setAttribute('tabindex', '-1');
    target.setAttribute('tabindex', '0');
    if (target.matches(':focus-visible')) {
      point(target.dataset.slot, at.slot === target.dataset.slot ? at.key : null);
    }
  });
  on('focusout', leave);
  on('keydown', onKey);
  document.addEventListener(
    'pointerdown',
    (event) => {
      if (at.slot !== null && !host.contains(event.target)) {
        leave();
      }
    },
    { signal },
  );

  function onKey(event) {
    const { slot } = event.target.dataset;
    if (slot === undefined || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const index = model.slots.findIndex((each) => each.key === slot);
    const to = {
      ArrowLeft: index - 1,
      ArrowRight: index + 1,
      PageUp: index - 12,
      PageDown: index + 12,
      Home: 0,
      End: model.slots.length - 1,
    }[event.key];
    if (to !== undefined) {
      const next = model.slots[Math.min(Math.max(to, 0), model.slots.length - 1)];
      columnOf(next.key).focus();
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      point(slot, neighbour(event.target, event.key === 'ArrowUp' ? 1 : -1));
    } else if (event.key === 'Enter' || event.key === ' ') {
      handlers.onChoose(slot, at.slot === slot ? at.key : null);
    } else if (event.key === 'Escape' && at.slot !== null) {
      mark({ slot: null, key: null });
      handlers.onLeave();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** The next segment of a column, upwards or downwards; beyond the last one none. */
  function neighbour(element, way) {
    const keys = [...element.querySelectorAll('.segment')]
      .sort((a, b) => b.getAttribute('y') - a.getAttribute('y'))
      .map((each) => each.dataset.series);
    const index = keys.indexOf(at.slot === element.dataset.slot ? at.key : null);
    return keys[index === -1 ? (way > 0 ? 0 : keys.length - 1) : index + way] ?? null;
  }

  return {
    /**
     * Draws anew. next: title, slots [{ key, name, isOpen, said }], labelOf (the lines below a
     * slot), selected (a slot's key), unit (at the head of the axis), series [{ key, dress (a shape), values }].
     */
    draw(next) {
      model = next;
      draw();
    },
    /** Lets a series stand out in all columns; null ends it. */
    emphasize(key) {
      mark({ slot: null, key });
    },
    /** Where a slot's column is, in pixels from the left of the host. */
    boxOf(slot) {
      const column = columnOf(slot)?.querySelector('.hit').getBoundingClientRect();
      const { left } = host.getBoundingClientRect();
      return column && { left: column.left - left, right: column.right - left };
    },
    destroy() {
      listening.abort();
      resizing.disconnect();
      svg.remove();
    },
  };
}

function layoutOf({ slots, series, unit }, width, height) {
  const stacks = stacked(
    series.map((each) => each.values),
    slots.length,
  );
  const scale = scaleOf(stacks, height - BOTTOM, TOP);
  const labels = [unit, ...scale.ticks.map(tickLabel)];
  const left = 8 + WIDTH_OF_CHARACTER * Math.max(...labels.map((label) => label.length));
  const step = (width - left - RIGHT) / slots.length;
  return { width, height, stacks, scale, left, step, bar: Math.min(step * 0.72, 64) };
}

function axisOf({ unit }, { scale, left, width }) {
  return [
    s('text', { x: left - 6, y: TOP - 10, class: 'unit' }, unit),
    ...scale.ticks.flatMap((tick) => {
      const y = Math.round(scale(tick)) + 0.5;
      return [
        s('path', { class: tick === 0 ? 'zero' : 'tick', d: `M${left},${y}H${width - RIGHT}` }),
        s('text', { x: left - 6, y: y + 4 }, tickLabel(tick)),
      ];
    }),
  ];
}

/** As many labels as there is room for, and the selected slot's in any case. */
function labelsOf({ slots, labelOf, selected }, { left, step, height }) {
  const every = Math.ceil(WIDTH_OF_LABEL / step);
  const chosen = slots.findIndex((slot) => slot.key === selected);
  const isShown = (index) =>
    index === chosen ||
    (index % every === 0 && (chosen === -1 || Math.abs(index - chosen) >= every));
  let previous = null;
  return slots.flatMap((slot, index) => {
    if (!isShown(index)) {
      return [];
    }
    const lines = labelOf(slot.key, previous);
    previous = slot.key;
    const x = left + (index + 0.5) * step;
    return s(
      'text',
      { class: index === chosen ? 'label selected' : 'label', x, y: height - BOTTOM + 16 },
      lines.map((each, row) => s('tspan', { x, dy: row === 0 ? 0 : 14 }, each)),
    );
  });
}

function column(
  { series, selected, slots },
  { stacks, scale, left, step, bar, height },
  slot,
  index,
) {
  const isSelected = slot.key === selected;
  const hasSelected = slots.some((each) => each.key === selected);
  const x = left + index * step;
  const inset = (step - bar) / 2;
  const group = s(
    'g',
    {
      class: slot.isOpen ? 'column open' : 'column',
      role: 'option',
      tabindex: isSelected || (!hasSelected && index === slots.length - 1) ? 0 : -1,
      'aria-selected': isSelected,
      'aria-label': slot.said,
      'data-slot': slot.key,
      'data-key': `column ${slot.key}`,
    },
    s('rect', { class: 'hit', x, y: 1, width: step, height: height - 2, rx: 4 }),
  );
  series.forEach(({ key, dress }, number) => {
    const [from, to] = stacks[number][index];
    if (from === to) {
      return;
    }
    const y = scale(Math.max(from, to));
    const tall = scale(Math.min(from, to)) - y;
    const segment = s('rect', {
      class: 'segment',
      x: x + inset,
      y: y.toFixed(2),
      width: bar.toFixed(2),
      height: Math.max(LEAST_HEIGHT, tall > 4 * GAP ? tall - GAP : tall).toFixed(2),
      'data-series': key,
    });
    dress(segment);
    group.append(segment);
  });
  return group;
}
