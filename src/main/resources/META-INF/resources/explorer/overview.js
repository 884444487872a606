import { call, get } from './api.js';
import { controls } from './controls.js';
import { fill, h } from './dom.js';
import { monthTableOf } from './month-table.js';
import { mostOf } from './most.js';
import { problemBox } from './problem.js';
import { readState } from './state.js';
import { trendOf } from './trend.js';

/** What cost most, the months as bars, and one of them as a table. */
export async function showOverview(content, { parameters }, signal) {
  document.title = 'Usage explorer';
  const state = await readState(parameters, signal);
  if (state === null) {
    fill(content, empty());
    return;
  }
  const problem = await problemOfFilter(state, signal);
  if (problem) {
    fill(content, heading(), controls(state, problem));
    return;
  }
  const [most, trend, month] = await Promise.all([
    orProblem(mostOf(state, signal).then((section) => ({ section }))),
    orProblem(trendOf(state, signal)),
    orProblem(monthTableOf(state, signal).then((section) => ({ section }))),
  ]);
  fill(content, heading(), controls(state, null), most.section, trend.section, month.section);
  await trend.draw?.();
}

const heading = () => h('h1', { class: 'visually-hidden' }, 'Usage explorer');

/** A section says itself what went wrong with it; the others are there all the same. */
async function orProblem(part) {
  try {
    return await part;
  } catch (problem) {
    if (problem.status === undefined || problem.status === 401) {
      throw problem;
    }
    const again = () => dispatchEvent(new HashChangeEvent('hashchange'));
    return { section: h('section', { class: 'panel' }, problemBox(problem, again)) };
  }
}

function empty() {
  return h(
    'section',
    { class: 'panel empty' },
    h('h1', {}, 'There is no usage yet'),
    h(
      'p',
      {},
      'Once usage of your organization\u2019s accounts has come in, it is shown here, month by month.',
    ),
  );
}

/** The filter is tried by itself, so that the position an error names is one of the typed text. */
async function problemOfFilter(state, signal) {
  if (!state.filter) {
    return null;
  }
  try {
    await get(call('The filter', 'usage/month', { filter: state.filter, per_page: 1 }), signal);
    return null;
  } catch (problem) {
    if (problem.status === 400 || problem.code === 'account_not_in_organization') {
      return problem;
    }
    throw problem;
  }
}
