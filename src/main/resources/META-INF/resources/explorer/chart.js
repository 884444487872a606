import { colorOf, dress, dressAsRest, keepColors } from './chart/colours.js';
import { dayLines, dayName, monthLines } from './chart/labels.js';
import { legend } from './chart/legend.js';
import { providePatterns } from './chart/patterns.js';
import { plot } from './chart/plot.js';
import { spark } from './chart/spark.js';
import { swatch, swatchOf } from './chart/swatch.js';
import { tip } from './chart/tip.js';
import { fill, h } from './dom.js';
import { sum } from './exact.js';
import { amountText } from './figure.js';
import { name } from './month.js';

export { colorOf, keepColors, spark, swatch };

/** The key of "all others" within the chart; a line break is in no value of the API. */
const OTHERS = '\n';

/**
 * Draws a chart of stacked columns into an element: a column for each month, a segment for each
 * group. Amounts are exact decimal texts; they become numbers for the heights alone.
 *
 * model:
 *   months ['2024-11', …], open (those of them that may still change), selected, currency;
 *   field: what the groups are values of, which keeps their colours;
 *   groups [{ key, label, amounts }], the largest first, an amount (or null) for each month;
 *   others: all further groups as one, or null;
 *   title: what the chart shows, for those who do not see it;
 *   onSelect(month); onGroup(key, month): a segment of the selected month was chosen;
 *   onOpenOthers(): all others are to be shown one by one;
 *   state { off: [keys] }: which entries of the legend are off; onState() when that changed.
 *
 * A press on a month selects it; a press on a segment of the selected month opens the group.
 * Returns update(model) and destroy().
 */
export function chart(host, given) {
  providePatterns();
  const frame = h('div', { class: 'chart-frame' });
  const key = h('div', {});
  const status = h('p', { class: 'chart-said', role: 'status' });
  host.classList.add('chart-root');
  host.replaceChildren(frame, key, status);
  const box = tip(frame);
  let model;
  let looked = { month: null, key: null };
  const drawing = plot(frame, {
    onPoint: (month, at) => {
      looked = { month, key: at };
      showTip();
      status.textContent = at === null ? '' : saidOf(at, month);
    },
    onLeave: () => {
      looked = { month: null, key: null };
      box.hide();
    },
    onChoose: (month, at) => {
      if (month !== model.selected || at === null) {
        model.onSelect?.(month);
      } else if (at === OTHERS) {
        model.onOpenOthers?.();
      } else {
        model.onGroup?.(at, month);
      }
    },
  });

  function update(next) {
    model = next;
    model.state ??= {};
    model.state.off ??= [];
    keepColors(
      model.field,
      model.groups.map((group) => group.key),
    );
    draw();
  }

  function draw() {
    const all = seriesOf(model);
    const isOff = (each) => model.state.off.includes(each.key);
    drawing.draw({
      title: model.title ?? `Amounts by month, ${model.currency}`,
      unit: model.currency,
      selected: model.selected,
      labelOf: monthLines,
      slots: model.months.map((month, index) => ({
        key: month,
        isOpen: isOpen(month),
        said: [
          `${nameOf(month)}: ${said(totalOf(index))}`,
          ...all.filter((each) => amountAt(each, index) !== '0').map((each) => textOf(each, index)),
        ].join('; '),
      })),
      series: all
        .filter((each) => !isOff(each))
        .map((each) => ({
          key: each.key,
          dress: each.dress,
          values: model.months.map((month, index) => Number(amountAt(each, index))),
        })),
    });
    fill(
      key,
      legend(
        all.map((each) => ({ ...each, swatch: swatchOf(each.dress), isOff: isOff(each) })),
        model.others && model.onOpenOthers ? 'Show all others' : null,
        {
          onToggle: toggle,
          onLook: drawing.emphasize,
          onOpen: () => model.onOpenOthers(),
        },
      ),
    );
    if (looked.month !== null && model.months.includes(looked.month)) {
      showTip();
    } else {
      box.hide();
    }
  }

  function toggle(each) {
    const { off } = model.state;
    const index = off.indexOf(each);
    if (index === -1) {
      off.push(each);
    } else {
      off.splice(index, 1);
    }
    draw();
    model.onState?.(model.state);
  }

  const isOpen = (month) => model.open?.includes(month) ?? false;
  const nameOf = (month) => `${name(month)}${isOpen(month) ? ', so far' : ''}`;
  const amountAt = (each, index) => each.amounts[index] ?? '0';
  const said = (amount) => `${amountText(amount, model.currency)} ${model.currency}`;
  const totalOf = (index) => sum(seriesOf(model).map((each) => amountAt(each, index)));
  const textOf = (each, index) => `${each.label} ${said(amountAt(each, index))}`;
  const saidOf = (at, month) =>
    textOf(
      seriesOf(model).find((each) => each.key === at),
      model.months.indexOf(month),
    );

  function showTip() {
    const { month } = looked;
    const index = model.months.indexOf(month);
    const off = new Set(model.state.off);
    const rows = seriesOf(model)
      .filter((each) => !off.has(each.key) && Number(amountAt(each, index)) !== 0)
      .map((each) => ({
        swatch: swatchOf(each.dress),
        label: each.label,
        amount: amountText(amountAt(each, index), model.currency),
        isAt: each.key === looked.key,
      }));
    const isPart = seriesOf(model).some((each) => off.has(each.key));
    box.show(
      {
        title: nameOf(month),
        total: said(totalOf(index)),
        rows,
        hint: isPart ? 'The total includes what the legend has taken out.' : null,
      },
      drawing.boxOf(month),
    );
  }

  update(given);
  return {
    update,
    destroy() {
      drawing.destroy();
      host.replaceChildren();
    },
  };
}

/** The groups and all others, each with its look. */
function seriesOf(model) {
  const groups = model.groups.map((group) => ({
    ...group,
    dress: (shape) => dress(shape, model.field, group.key),
  }));
  return model.others
    ? [...groups, { label: 'All others', ...model.others, key: OTHERS, dress: dressAsRest }]
    : groups;
}

/**
 * Draws the days of one group as columns: days [{ day: '2026-10-01', amount }]; onSelect is called
 * with the day that is chosen. What is shown: its currency, title and selected day, or null. Returns
 * destroy().
 */
export function bars(host, days, onSelect, { currency, title, selected }) {
  const frame = h('div', { class: 'chart-frame' });
  host.classList.add('chart-root', 'chart-days');
  host.replaceChildren(frame);
  const box = tip(frame);
  const textOf = (amount) => `${amountText(amount, currency)} ${currency}`;
  const drawing = plot(frame, {
    onPoint: (day) => {
      const { amount } = days.find((each) => each.day === day);
      box.show({ title: dayName(day), total: textOf(amount), rows: [] }, drawing.boxOf(day));
    },
    onLeave: () => box.hide(),
    onChoose: onSelect,
  });
  drawing.draw({
    title,
    unit: currency,
    selected,
    labelOf: dayLines,
    slots: days.map(({ day, amount }) => ({
      key: day,
      said: `${dayName(day)}: ${textOf(amount)}`,
    })),
    series: [{ key: 'day', dress: () => {}, values: days.map(({ amount }) => Number(amount)) }],
  });
  return {
    destroy() {
      drawing.destroy();
      host.replaceChildren();
    },
  };
}
