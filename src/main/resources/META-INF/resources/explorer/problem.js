import { h } from './dom.js';

const ADVICE = {
  insufficient_scope:
    'The token does not allow this. Sign in with one that has the scope express-accounts-usage:read.',
  organization_required: 'The token names no organization. Sign in with one that does.',
  account_not_in_organization: 'The filter names an account that is not of your organization.',
  filter_too_expensive: 'Narrow the filter, or look at fewer months.',
  rate_limited: 'Your organization asks for too much at once. Try again in a moment.',
  unavailable: 'Nothing is lost. Try again in a moment.',
  internal_error:
    'This is the server\u2019s fault. Whoever operates it can find it by the request\u2019s id.',
};

/** What went wrong, in words. */
export function problemBox(problem, retry) {
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
    retry ? h('p', {}, h('button', { type: 'button', onclick: retry }, 'Try again')) : null,
  );
}
