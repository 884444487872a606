import { h } from './dom.js';

const ADVICE = {
  insufficient_scope:
    'The token does not allow this. Sign in with one that has the scope express-accounts-usage:read.',
  organization_required: 'The token names no organization. Sign in with one that does.',
  account_not_in_organization:
    'The filter or the link names an account that is not of your organization.',
  filter_too_expensive: 'Narrow the filter, or look at fewer months.',
  rate_limited: 'Your organization asks for too much at once. Try again in a moment.',
  unavailable: 'Nothing is lost. Try again in a moment.',
  unreachable: 'Check your connection, then try again.',
  not_the_server:
    'A proxy, a portal or a login page may be in between. Reload the page, or ask whoever runs your network.',
  internal_error:
    'This is the server\u2019s fault. Whoever operates it can find it by the request\u2019s id.',
  page_error: 'This is the page\u2019s fault. Try again, or start over with all usage.',
};

/** What went wrong, in words. Actions are what to do about it, each a link or a button. */
export function problemBox(problem, ...actions) {
  return h(
    'div',
    { class: 'problem', role: 'alert' },
    h('p', { class: 'problem-message' }, problem.message),
    ADVICE[problem.code] ? h('p', {}, ADVICE[problem.code]) : null,
    problem.description ? h('p', {}, problem.description) : null,
    problem.fields?.length
      ? h(
          'ul',
          {},
          problem.fields.map(({ name, description }) =>
            h('li', {}, h('code', {}, name), ` ${description}`),
          ),
        )
      : null,
    problem.requestId
      ? h(
          'p',
          { class: 'muted' },
          'Code ',
          h('code', {}, problem.code),
          ', request ',
          h('code', {}, problem.requestId),
        )
      : null,
    actions.length > 0 ? h('p', { class: 'actions' }, actions) : null,
  );
}

/** Nothing is there: what it is, and what to do. */
export function emptyBox(text, ...actions) {
  return h(
    'div',
    { class: 'nothing' },
    h('p', {}, text),
    actions.length > 0 ? h('p', { class: 'actions' }, actions) : null,
  );
}

/** Every failure as a problem: what the page itself did wrong is said without its words. */
export function asProblem(failure) {
  return failure.status === undefined
    ? { status: -1, code: 'page_error', message: 'The page could not show this.' }
    : failure;
}

/** A button that does something again. */
export function againButton(again) {
  return h('button', { type: 'button', 'data-key': 'again', onclick: again }, 'Try again');
}
