import { call, forgetAnswers, get, getRows, rowsOf } from './api.js';
import { setTitle } from './brand.js';
import { totals } from './calls.js';
import { chart } from './chart.js';
import { accountsOf, filterBar } from './chips.js';
import { controls } from './controls.js';
import { callsBehind } from './curl.js';
import { fill, h } from './dom.js';
import { downloadButton } from './download.js';
import { less } from './exact.js';
import { is } from './filter.js';
import { amountAndChange, drivers, standing } from './headline.js';
import * as months from './month.js';
import { learnAccounts } from './names.js';
import { againButton, asProblem, emptyBox, problemBox } from './problem.js';
import { change, go } from './route.js';
import { chartModel, largestCall, learnMonths, rememberNames } from './series.js';
import {
  amountOf,
  fileName,
  groupHref,
  MOST_GROUPS,
  monthsCall,
  ofCurrency,
  overviewHref,
  range,
  readAddress,
  readState,
} from './state.js';
import { wholeTable } from './table.js';
import { groupsCall, rowsOfTable, unitsOf, whatSection } from './what.js';
import { moversOf, partsOf, reason, whySection } from './why.js';
import { FIELDS, isOfKind, KINDS, listed } from './words.js';

const PER_PAGE = 250;

/** Which entries of the legend are off, for each field that is grouped by. */
const legends = new Map();

/** The overview: it is made once, and each of its parts is replaced when its figures have come. */
export function overview() {
  const part = (tag, properties) => h(tag, properties, h('div', { class: 'skeleton' }));
  const parts = {
    controls: h('div', { class: 'controls' }),
    filter: h('div', { class: 'filter' }),
    notice: h('div', { class: 'outcome' }),
    headline: part('div', { class: 'headline' }),
    drivers: h('div', {}),
    standing: h('div', {}),
    chart: part('div', { class: 'chart-host' }),
    what: part('section', { class: 'panel what', 'aria-labelledby': 'what' }),
    why: part('section', { class: 'panel why', 'aria-labelledby': 'why' }),
    proof: h('section', { class: 'panel proof', 'aria-label': 'Prove it and take it along' }),
  };
  const figures = h(
    'div',
    { class: 'figures' },
    h(
      'section',
      { class: 'panel how-much', 'aria-label': 'How much' },
      parts.headline,
      parts.drivers,
      parts.standing,
      parts.chart,
    ),
    h('div', { class: 'what-and-why' }, parts.what, parts.why),
    parts.proof,
  );
  const element = h(
    'div',
    { class: 'overview' },
    h('section', { class: 'slim', 'aria-label': 'What to show' }, parts.controls, parts.filter),
    parts.notice,
    figures,
  );
  return { element, figures, parts, chart: null, state: null };
}

/** Shows the overview that an address names. */
export async function showOverview(content, view, { parameters }, signal) {
  setTitle(null);
  if (view.element.parentElement !== content) {
    fill(content, view.element);
  }
  const asked = readAddress(parameters);
  let state;
  try {
    state = await readState(parameters, signal);
  } catch (problem) {
    if (problem.name === 'AbortError' || problem.status === 401) {
      throw problem;
    }
    return showRefusal(view, asked, asProblem(problem));
  }
  view.state = state;
  if (state.all.length === 0 && !state.filter && state.kind === 'consumption') {
    const topUps = await get(monthsCall({ ...state, kind: 'top_up' }), signal);
    if (rowsOf(topUps).length === 0) {
      fill(content, nothingYet());
      return;
    }
  }
  fill(view.parts.controls, ...controls(state));
  showFilter(view, null);
  fill(view.parts.notice, notices(state));
  view.figures.hidden = !state.hasUsage;
  if (state.hasUsage) {
    showHeadline(view);
    await showFigures(view, signal);
  }
}

function showFilter(view, problem) {
  const { state } = view;
  fill(
    view.parts.filter,
    ...filterBar(state, problem, (filter) =>
      change(overviewHref(state, { filter, rows: null, shown: null })),
    ),
  );
}

/** What was asked for cannot be had: what was shown before stays, with what is wrong above it. */
function showRefusal(view, asked, problem) {
  const isOfFilter =
    asked.filter !== '' &&
    (problem.status === 400 || problem.code === 'account_not_in_organization');
  const before = view.state;
  view.state = {
    ...before,
    ...asked,
    isChosen: before?.isChosen ?? {
      month: asked.month !== null,
      currency: asked.currency !== null,
    },
  };
  showFilter(view, isOfFilter ? problem : null);
  view.state = before;
  view.figures.hidden = before === null;
  fill(view.parts.notice, isOfFilter ? null : problemBox(problem, againButton(again), startOver()));
}

function again() {
  forgetAnswers();
  change(location.hash || '#/');
}

const startOver = () => h('a', { class: 'button', href: '#/' }, 'All usage');

function nothingYet() {
  return h(
    'section',
    { class: 'panel empty' },
    h('h1', {}, 'There is no usage yet'),
    h(
      'p',
      {},
      'Once usage of your organization\u2019s accounts has come in, it is shown here, month by month.',
    ),
    h('p', {}, h('button', { type: 'button', onclick: again }, 'Look again')),
  );
}

/** What of the address cannot be, and why there is nothing where there is not. */
function notices(state) {
  const nothing = whyNothing(state);
  if (state.notices.length === 0 && !nothing) {
    return null;
  }
  return h(
    'div',
    { class: 'panel notices', role: 'status' },
    state.all.length === 0 ? h('h1', { class: 'visually-hidden' }, KINDS[state.kind]) : null,
    state.notices.map((text) => h('p', {}, text)),
    nothing,
  );
}

function whyNothing(state) {
  const link = (text, changes) =>
    h('a', { class: 'button', href: overviewHref(state, changes), 'data-replace': true }, text);
  const kind = KINDS[state.kind].toLowerCase();
  const clear = state.filter ? [link('Remove the filter', { filter: null })] : [];
  if (!state.hasUsage) {
    const other = state.kind === 'consumption' ? 'top_up' : 'consumption';
    return emptyBox(
      `There ${state.kind === 'consumption' ? 'is' : 'are'} no ${kind}${state.filter ? ' that the filter finds' : ''}.`,
      ...clear,
      link(`Show ${KINDS[other].toLowerCase()}`, { kind: other }),
    );
  }
  if (!state.allows(state.month)) {
    return emptyBox(
      `The filter leaves out ${months.name(state.month)}.`,
      link(`Show ${months.name(state.newest)}`, { month: state.newest }),
      ...clear,
    );
  }
  if (state.inCurrency.has(state.month)) {
    return null;
  }
  const found = state.filter ? ' that the filter finds' : '';
  const here = state.all.filter((row) => row.month === state.month).map((row) => row.currency);
  if (here.length > 0) {
    return emptyBox(
      `In ${months.name(state.month)} there is no ${kind} in ${state.currency}${found}. It is billed in ${listed(here)}.`,
      ...here.map((currency) => link(`Show ${currency}`, { currency })),
      ...clear,
    );
  }
  const text =
    state.month < state.oldest
      ? `There is no ${kind}${found} in ${months.name(state.month)}. The first is of ${months.name(state.oldest)}.`
      : `There is no ${kind}${found} in ${months.name(state.month)}. The latest is of ${months.name(state.newest)}.`;
  const nearest = state.month < state.oldest ? state.oldest : state.newest;
  return emptyBox(text, link(`Show ${months.name(nearest)}`, { month: nearest }), ...clear);
}

function showHeadline(view) {
  const { state } = view;
  const row = state.inCurrency.get(state.month);
  fill(
    view.parts.headline,
    h(
      'h1',
      {},
      h('span', { class: 'when' }, `${months.name(state.month)}: `),
      amountAndChange(
        amountOf(state, state.month),
        amountOf(state, state.previous),
        state.currency,
      ),
    ),
  );
  fill(view.parts.standing, row ? standing(row, state.month) : null);
}

/**
 * All figures but the headline. Each part is shown when what it needs has come, and what does not
 * need each other is read at the same time.
 */
async function showFigures(view, signal) {
  const { state, parts } = view;
  const places = [parts.chart, parts.what, parts.why];
  places.forEach((place) => place.setAttribute('aria-busy', 'true'));
  const reading = Promise.all([
    getRows(groupsCall(state), signal, PER_PAGE),
    get(largestCall(state), signal),
  ]).then(async ([groups, page]) => {
    const read = { groups, page, largest: rowsOf(page), movers: moversOf(groups.rows) };
    rememberNames(state.group, read.largest);
    read.top = read.largest.slice(0, state.shown).map((row) => row[state.group]);
    await learnNames(state, read, signal);
    showFilter(view, null);
    return read;
  });
  try {
    const chartShown = showChart(view, reading, signal);
    const calls = await Promise.all([
      chartShown,
      showTable(view, reading, chartShown, signal),
      showWhy(view, reading, signal),
    ]);
    fill(
      parts.proof,
      ...proof(state, [monthsCall(state), groupsCall(state), largestCall(state), ...calls.flat()]),
    );
  } catch (problem) {
    if (problem.name === 'AbortError' || problem.status === 401) {
      throw problem;
    }
    // What is there is of something else than the headline by now.
    parts.chart.hidden = true;
    fill(parts.drivers);
    fill(parts.what, problemBox(asProblem(problem), againButton(again)));
    fill(parts.why);
  } finally {
    if (!signal.aborted) {
      places.forEach((place) => place.removeAttribute('aria-busy'));
    }
  }
}

/** The names of accounts: of those that are shown, or of all where these are sorted by name. */
async function learnNames(state, { groups, largest, movers, top }, signal) {
  const isByName = state.order.startsWith('name:');
  const rows = groups.isComplete
    ? isByName
      ? groups.rows
      : await rowsOfTable(state, groups, largest, signal)
    : [];
  const shown = [...top, ...[...movers, ...rows].map((row) => row[state.group])];
  await learnAccounts(
    [...(state.group === 'account_id' ? shown : []), ...accountsOf(state.filter)],
    signal,
  );
}

async function showChart(view, reading, signal) {
  const { page, largest, top } = await reading;
  const calls = await learnMonths(view.state, top, signal);
  signal.throwIfAborted();
  view.parts.chart.hidden = false;
  drawChart(view, top, Boolean(page.next) || largest.length > top.length);
  view.parts.chart.removeAttribute('aria-busy');
  return calls;
}

async function showTable(view, reading, chartShown, signal) {
  const { state, parts } = view;
  const { groups, largest, top } = await reading;
  const rows = await rowsOfTable(state, groups, largest, signal);
  const values = rows.map((row) => row[state.group]);
  const [calls, units] = await Promise.all([
    learnMonths(
      state,
      values.filter((value) => !top.includes(value)),
      signal,
    ),
    state.units ? unitsOf(state, values, signal) : new Map(),
    state.group === 'account_id' ? learnAccounts(values, signal) : null,
    // The chart gives the colours.
    chartShown,
  ]);
  signal.throwIfAborted();
  fill(parts.what, ...whatSection(state, { rows, groups, units }));
  await wholeTable(parts.what);
  parts.what.removeAttribute('aria-busy');
  return calls;
}

async function showWhy(view, reading, signal) {
  const { state, parts } = view;
  const { movers } = await reading;
  const { parts: why, calls } = await partsOf(state, movers, signal);
  signal.throwIfAborted();
  const hrefOf = (row) => groupHref(state, row[state.group]);
  fill(
    parts.drivers,
    drivers(
      state,
      movers,
      less(amountOf(state, state.month), amountOf(state, state.previous)),
      (row) => reason(why.get(row[state.group])),
      hrefOf,
    ),
  );
  fill(parts.why, ...whySection(state, movers, why, hrefOf).flat());
  parts.why.removeAttribute('aria-busy');
  return calls;
}

function drawChart(view, top, hasOthers) {
  const { state } = view;
  if (!legends.has(state.group)) {
    legends.set(state.group, {});
  }
  const model = {
    ...chartModel(state, top, hasOthers),
    state: legends.get(state.group),
    onSelect: (month) =>
      change(overviewHref(state, { month, currency: state.currency, rows: null })),
    onGroup: (key, month) => go(groupHref(state, key === '' ? null : key, { month })),
    onOpenOthers:
      state.shown < MOST_GROUPS
        ? () => change(overviewHref(state, { shown: state.shown + 8 }))
        : null,
  };
  if (view.chart) {
    view.chart.update(model);
  } else {
    view.parts.chart.replaceChildren();
    view.chart = chart(view.parts.chart, model);
  }
}

function proof(state, calls) {
  const month = ofCurrency(state, is('month', state.month));
  return [
    h(
      'div',
      {},
      h('h2', {}, 'Prove it'),
      h(
        'p',
        { class: 'muted' },
        'Each name leads to its aggregates, and they to their records. These calls gave every figure here.',
      ),
      callsBehind(calls),
    ),
    h(
      'div',
      {},
      h('h2', {}, 'Take it along'),
      h('p', { class: 'muted' }, 'As CSV, all rows, to the last digit.'),
      h(
        'div',
        { class: 'tools' },
        downloadButton(
          `All months by ${FIELDS[state.group].one.toLowerCase()}`,
          totals('All months', state, ['month', state.group], ofCurrency(state, range(state))),
          fileName(state, `${state.months[0]}-to-${state.months.at(-1)}`),
        ),
        downloadButton(
          `Every line of ${months.name(state.month)}`,
          call('Every line', 'usage/month', {
            filter: `${month} and ${isOfKind(state.kind)}`,
            include: 'unit_word',
          }),
          `usage-${state.month}-${state.currency}.csv`,
        ),
      ),
    ),
  ];
}
