import { hasToken, useToken } from './api.js';
import { announce, h } from './dom.js';
import { isSupported } from './exact.js';
import { problemBox } from './problem.js';
import { read } from './route.js';
import { signIn } from './sign-in.js';
import { showOverview } from './overview.js';
import { showRecords } from './records.js';
import { showUsage } from './usage.js';

const VIEWS = new Map([
  ['overview', showOverview],
  ['usage', showUsage],
  ['records', showRecords],
]);

const content = document.getElementById('content');
const session = document.getElementById('session');
let running = new AbortController();

/** Shows what the address says, or the form to sign in by. */
async function show() {
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
  try {
    await (VIEWS.get(route.view) ?? showOverview)(content, route, signal);
    if (isOther) {
      content.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    announce(`${document.title}, loaded.`);
  } catch (problem) {
    if (!signal.aborted) {
      showProblem(problem);
    }
  } finally {
    if (!signal.aborted) {
      content.removeAttribute('aria-busy');
    }
  }
}

function showProblem(problem) {
  if (problem.status === 401) {
    signOut(
      'The token is not, or no longer, good. Sign in with a new one to go on where you were.',
    );
  } else {
    content.dataset.view = 'problem';
    content.replaceChildren(
      h('section', { class: 'panel' }, h('h1', {}, 'That did not work'), problemBox(problem, show)),
    );
  }
}

function showSignIn(notice) {
  document.title = 'Sign in \u2013 Usage explorer';
  content.dataset.view = 'sign-in';
  content.removeAttribute('aria-busy');
  session.replaceChildren();
  content.replaceChildren(signIn(notice, begin));
  document.getElementById('token').focus();
}

function begin(token, name) {
  useToken(token);
  session.replaceChildren(
    ...(name ? [h('span', {}, name)] : []),
    h('button', { type: 'button', onclick: () => signOut(null) }, 'Sign out'),
  );
  show();
}

function signOut(notice) {
  running.abort();
  useToken(null);
  showSignIn(notice);
}

// What stands after the # names the view: the link must not change it.
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  content.focus();
});

if (isSupported) {
  addEventListener('hashchange', show);
  addEventListener('token-refused', () => showProblem({ status: 401 }));
  show();
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
