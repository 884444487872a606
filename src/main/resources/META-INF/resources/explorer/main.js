import { forgetAnswers, hasToken, keepIfUnchanged } from './api.js';
import { setTitle, showBrand } from './brand.js';
import { announce, fill, h } from './dom.js';
import { isFramed, listen } from './embed.js';
import { isSupported } from './exact.js';
import { copyExactly } from './figure.js';
import { showGroup } from './group.js';
import { forgetNames } from './names.js';
import { overview, showOverview } from './overview.js';
import { againButton, asProblem, problemBox } from './problem.js';
import { showRecords } from './records.js';
import { change, follow, href, read } from './route.js';
import { attach, refused, resume, start, stop, take } from './session.js';
import { signIn } from './sign-in.js';

const VIEWS = new Map([
  ['overview', showOverview],
  ['group', showGroup],
  // Its name in links of before.
  ['usage', showGroup],
  ['records', showRecords],
]);

const content = document.getElementById('content');
let running = new AbortController();
let known = overview();

/** Shows what the address says, or the form to sign in by; place is where to return to, if anywhere. */
async function show(place) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  if (!hasToken()) {
    showSignIn(null);
    return;
  }
  const route = read();
  const isOther = content.dataset.view !== route.view;
  content.dataset.view = route.view;
  content.setAttribute('aria-busy', 'true');
  if (isOther && !place) {
    fill(content, h('div', { class: 'panel skeleton' }));
    content.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  try {
    const showView = VIEWS.get(route.view) ?? showNoView;
    await isOneState(signal);
    await showView(content, known, route, signal);
    if (place && !signal.aborted) {
      returnTo(place);
    }
    // Data came in meanwhile. Once only: where it comes all the time, this would never end.
    if (!(await isOneState(signal))) {
      await showView(content, known, route, signal);
    }
    announce(`${document.title}, loaded.`);
  } catch (failure) {
    if (!signal.aborted) {
      showProblem(asProblem(failure), route);
    }
  } finally {
    if (!signal.aborted) {
      content.removeAttribute('aria-busy');
    }
  }
}

/**
 * Whether the kept answers are of the data as it is now. Where that cannot be checked they stay, but
 * for a token that is not taken any more.
 */
const isOneState = (signal) => keepIfUnchanged(signal).catch(unlessOver);

function unlessOver(problem) {
  if (problem.name === 'AbortError' || problem.status === 401) {
    throw problem;
  }
  return true;
}

/** To where one was: as far down, and on the same thing. */
function returnTo({ top, key }) {
  const same = key && content.querySelector(`[data-key="${CSS.escape(key)}"]`);
  (same || content).focus({ preventScroll: true });
  scrollTo(0, top);
}

function showNoView() {
  fill(
    content,
    h(
      'section',
      { class: 'panel' },
      h('h1', {}, 'This link leads nowhere'),
      h('p', {}, 'It may have been cut off, or be of another version of this page.'),
      h('p', {}, allUsage()),
    ),
  );
}

const allUsage = () => h('a', { class: 'button', href: '#/' }, 'All usage');

function showProblem(problem, route) {
  if (problem.status === 401) {
    refused(again);
    return;
  }
  if (problem.code === 'invalid_cursor' && route.parameters.has('cursor')) {
    // A page of another order, or of a link that was cut off: the first page is there always.
    const { cursor, ...others } = Object.fromEntries(route.parameters);
    const path = route.id ? `${route.view}/${encodeURIComponent(route.id)}` : route.view;
    change(href(path, others));
    return;
  }
  content.dataset.view = 'problem';
  const isGone = problem.status === 404;
  fill(
    content,
    h(
      'section',
      { class: 'panel' },
      h('h1', {}, isGone ? 'There is no such thing here' : 'That did not work'),
      problemBox(
        isGone
          ? {
              message: 'What this link names is not here.',
              description: 'It may be of another organization, or the link may have been cut off.',
            }
          : problem,
        againButton(again),
        allUsage(),
      ),
    ),
  );
}

function again() {
  forgetAnswers();
  show(null);
}

function showSignIn(notice) {
  setTitle('Sign in');
  content.dataset.view = 'sign-in';
  content.removeAttribute('aria-busy');
  content.replaceChildren(signIn(notice, begin));
  content.querySelector('[data-first]')?.focus();
}

function begin(grant) {
  start(grant);
  forgetNames();
  known = overview();
  show(null);
}

function signOut(notice) {
  running.abort();
  stop();
  showSignIn(notice);
}

/** Begins: with the token of a provider or a portal if there is one, else with the form. */
async function open() {
  fill(content, h('div', { class: 'panel skeleton' }));
  attach(document.getElementById('session'), { begin, end: signOut });
  const { grant, notice } = await resume();
  showBrand();
  follow(show);
  addEventListener('token-refused', () => showProblem({ status: 401 }));
  if (isFramed) {
    listen(take);
  }
  if (grant) {
    begin(grant);
  } else {
    showSignIn(notice);
  }
}

// What stands after the # names the view: the link must not change it.
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  content.focus();
});

if (isSupported) {
  copyExactly();
  open();
} else {
  content.replaceChildren(
    h(
      'section',
      { class: 'panel' },
      h('h1', {}, 'This browser is too old'),
      h('p', {}, 'It cannot show numbers to their last digit. Use a browser of 2025 or later.'),
    ),
  );
}
