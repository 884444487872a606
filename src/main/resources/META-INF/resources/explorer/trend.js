import { chartContainer, colourOf, drawChart } from './chart.js';
import { callsBehind } from './curl.js';
import { h } from './dom.js';
import { downloadButton } from './download.js';
import { figure } from './exact.js';
import { FIELDS } from './fields.js';
import { KINDS } from './kind.js';
import * as months from './month.js';
import { go } from './route.js';
import { readSeries } from './series.js';
import { fileName, monthHref, usageHref } from './state.js';
import { unitOf } from './words.js';

/** For as long as the page is open: a chart that is left takes its canvas with it, this one does not. */
const container = chartContainer();

/** The months as bars, with a legend. It is drawn once it is in the page, by what its draw does. */
export async function trendOf(state, signal) {
  const { series, calls, download } = await readSeries(state, signal);
  const title = `${KINDS[state.kind]} in ${state.currency}, by month and ${FIELDS[state.group].one.toLowerCase()}`;
  const section = h(
    'section',
    { class: 'panel', 'aria-labelledby': 'chart-title' },
    h('h2', { id: 'chart-title' }, title),
  );
  if (series.length === 0) {
    section.append(h('p', {}, 'There is nothing in these months.'));
    return { section };
  }
  container
    .querySelector('.canvas')
    .setAttribute(
      'aria-label',
      `Stacked bars: ${title}. Every figure is in the table of its month, below.`,
    );
  const hidden = new Set();
  const draw = () =>
    drawChart(container, {
      months: state.months,
      selected: state.month,
      series: series.filter((each) => !hidden.has(each.colour)),
      describe: (each, row, month) => [
        h('strong', {}, each.name),
        h('span', {}, months.name(month)),
        h('span', { class: 'amount' }, figure(row.total_amount), ` ${state.currency}`),
        row.number_of_units === null
          ? ''
          : h('span', {}, figure(row.number_of_units), ` ${unitOf(row)}`),
      ],
      onRow: (each, row, month) =>
        go(row[state.group] === undefined ? monthHref(state, month) : usageHref(state, row, month)),
      onMonth: (month) => go(monthHref(state, month)),
    });
  const legend = [...new Map(series.map((each) => [each.colour, each.name]))].sort(
    ([a], [b]) => a - b,
  );
  section.append(
    container,
    h(
      'ul',
      { class: 'legend', 'aria-label': 'Shown in the chart' },
      legend.map(([colour, name]) => h('li', {}, toggle(colour, name, hidden, draw))),
    ),
    h(
      'div',
      { class: 'tools' },
      downloadButton(
        'Download all months as CSV',
        download,
        fileName(state, `${state.months[0]}-to-${state.months.at(-1)}`),
      ),
    ),
    callsBehind(calls),
  );
  return { section, draw };
}

/** An entry of the legend, which takes its series out of the chart and back. */
function toggle(colour, name, hidden, draw) {
  const swatch = h('span', { class: 'swatch' });
  swatch.style.setProperty('background', `var(${colourOf(colour)})`);
  return h(
    'button',
    {
      type: 'button',
      'aria-pressed': 'true',
      onclick: ({ currentTarget }) => {
        const isHidden = hidden.delete(colour);
        if (!isHidden) {
          hidden.add(colour);
        }
        currentTarget.setAttribute('aria-pressed', String(isHidden));
        draw();
      },
    },
    swatch,
    name,
  );
}
