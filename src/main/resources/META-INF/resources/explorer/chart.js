import { magnitude } from './exact.js';
import { h } from './dom.js';
import * as months from './month.js';

/** How many series have a colour of their own; the rest shares one. */
export const COLOURS = 8;

const WIDTH_OF_LABEL = 36;

/**
 * A chart of stacked bars, a bar for each month. Each segment is one row of the server's, and what is
 * said of it is the row's text; numbers are made of it for the heights alone.
 *
 * shown: months, selected (one of them), series [{ name, colour, rows: Map from month to row }],
 * describe (the lines said of a row), onRow (a segment was chosen), onMonth (a month was chosen)
 */
export async function drawChart(container, shown) {
  await import('./lib/echarts-6.0.0/echarts.simple.min.js');
  const { echarts } = globalThis;
  if (!container.isConnected) {
    return;
  }
  if (container.chart) {
    container.chart.shown = shown;
  } else {
    container.chart = { chart: echarts.init(container.querySelector('.canvas')), shown };
    listen(container);
  }
  paint(container);
}

function paint({ chart: { chart, shown } }) {
  chart.setOption(option(shown, chart.getWidth()), { notMerge: true });
}

/** An empty container for a chart, which keeps the chart to its size and colours. */
export function chartContainer(label) {
  const container = h(
    'div',
    { class: 'chart' },
    h('div', { class: 'canvas', role: 'img', 'aria-label': label }),
    h('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' }),
  );
  new ResizeObserver(() => {
    if (container.chart) {
      container.chart.chart.resize();
      paint(container);
    }
  }).observe(container);
  return container;
}

/** Draws all charts of the page again when the colours of the page change. */
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const container of document.querySelectorAll('.chart')) {
    if (container.chart) {
      paint(container);
    }
  }
});

/** The variable of the style sheet that holds the colour of a series. */
export function colourOf(index) {
  return index < COLOURS ? `--series-${index + 1}` : '--series-rest';
}

function option({ months: all, selected, series }, width) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const font = { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 };
  // As many labels as there is room for, and the selected month's in any case.
  const every = Math.ceil((all.length * WIDTH_OF_LABEL) / width);
  const isLabelled = (month, index) =>
    month === selected || (index % every === 0 && Math.abs(index - all.indexOf(selected)) >= every);
  const labelOf = (month, index) => (isLabelled(month, index) ? months.label(month, index) : '');
  // Of one colour are the units of one group, which no line is to part.
  const segments = Map.groupBy(series, (each) => each.colour);
  const compact = new Intl.NumberFormat('en', { notation: 'compact' });
  return {
    animation: false,
    grid: { left: 4, right: 4, top: 12, bottom: 4 },
    xAxis: {
      type: 'category',
      data: all,
      triggerEvent: true,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour('--line') } },
      axisLabel: {
        ...font,
        color: colour('--muted'),
        interval: 0,
        lineHeight: 16,
        formatter: (month, index) =>
          month === selected ? marked(labelOf(month, index)) : labelOf(month, index),
        rich: {
          selected: { ...font, fontWeight: 'bold', color: colour('--accent'), lineHeight: 16 },
        },
      },
    },
    yAxis: {
      type: 'value',
      axisLabel: { ...font, color: colour('--muted'), formatter: (value) => compact.format(value) },
      splitLine: { lineStyle: { color: colour('--line') } },
    },
    series: series.map(({ name, colour: index, rows }) => ({
      type: 'bar',
      name,
      stack: 'amount',
      barCategoryGap: '28%',
      itemStyle: {
        color: colour(colourOf(index)),
        borderColor: colour('--panel'),
        borderWidth: segments.get(index).length === 1 ? 0.5 : 0,
      },
      emphasis: { itemStyle: { opacity: 0.75 } },
      data: all.map((month) => (rows.has(month) ? magnitude(rows.get(month).total_amount) : null)),
    })),
  };
}

/** A label's lines in the style of the selected month. */
function marked(label) {
  return label
    .split('\n')
    .map((line) => `{selected|${line}}`)
    .join('\n');
}

function listen(container) {
  const { chart } = container.chart;
  const tip = container.querySelector('.tip');
  const segmentAt = ({ seriesIndex, dataIndex }) => {
    const { months: all, series } = container.chart.shown;
    return [series[seriesIndex], series[seriesIndex].rows.get(all[dataIndex]), all[dataIndex]];
  };
  chart.on('mousemove', 'series', (at) => {
    tip.replaceChildren(...container.chart.shown.describe(...segmentAt(at)));
    tip.hidden = false;
    const left = Math.min(at.event.offsetX + 14, container.clientWidth - tip.offsetWidth - 4);
    const top = Math.min(at.event.offsetY + 14, container.clientHeight - tip.offsetHeight - 4);
    tip.style.setProperty('left', `${Math.max(0, left)}px`);
    tip.style.setProperty('top', `${Math.max(0, top)}px`);
  });
  chart.on('mouseout', 'series', () => {
    tip.hidden = true;
  });
  chart.on('click', 'series', (at) => {
    tip.hidden = true;
    container.chart.shown.onRow(...segmentAt(at));
  });
  chart.on('click', 'xAxis', (at) => {
    container.chart.shown.onMonth(at.value);
  });
  // Beside the bars: the month whose bar is nearest.
  chart.getZr().on('click', ({ target, offsetX }) => {
    const month = container.chart.shown.months[chart.convertFromPixel({ xAxisIndex: 0 }, offsetX)];
    if (!target && month) {
      container.chart.shown.onMonth(month);
    }
  });
}
