import { signIns, tokenOf } from './api.js';
import { h } from './dom.js';
import { problemBox } from './problem.js';

/**
 * The form to sign in by: with a token, or by one of the ways the server offers.
 *
 * onToken(token, name) gets the token, and under which name it was got, if under any
 */
export function signIn(notice, onToken) {
  const input = h('input', {
    id: 'token',
    type: 'password',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    required: true,
    'aria-describedby': 'token-hint',
  });
  const outcome = h(
    'div',
    { class: 'outcome' },
    notice ? h('p', { class: 'notice', role: 'alert' }, notice) : null,
  );
  const form = h(
    'form',
    {
      class: 'panel sign-in',
      onsubmit: (event) => {
        event.preventDefault();
        // What is copied from a header or a command often has this in front.
        const token = input.value.trim().replace(/^Bearer\s+/i, '');
        if (/^[\w.~+/-]+=*$/.test(token)) {
          onToken(token, null);
        } else {
          outcome.replaceChildren(
            problemBox({ message: 'This is not a token: it has characters that none has.' }),
          );
        }
      },
    },
    h('h1', {}, 'See what was used, and what it cost'),
    outcome,
    h('label', { for: 'token' }, 'Access token'),
    input,
    h(
      'p',
      { id: 'token-hint', class: 'muted' },
      'The token you call the API with. This page keeps it in memory only: it is forgotten when the tab is closed or reloaded.',
    ),
    h('button', { class: 'primary' }, 'Sign in'),
  );
  offer(form, outcome, onToken);
  return form;
}

async function offer(form, outcome, onToken) {
  const ways = await signIns().catch(() => []);
  if (ways.length > 0) {
    form.append(
      h(
        'section',
        { class: 'offers', 'aria-labelledby': 'offers' },
        h('h2', { id: 'offers' }, 'Or have a look as'),
        h(
          'ul',
          {},
          ways.map((way) =>
            h(
              'li',
              {},
              h(
                'button',
                {
                  type: 'button',
                  onclick: () =>
                    tokenOf(way).then(
                      (token) => onToken(token, way.name),
                      (problem) => outcome.replaceChildren(problemBox(problem)),
                    ),
                },
                h('strong', {}, way.name),
                way.description ? h('span', { class: 'muted' }, way.description) : null,
              ),
            ),
          ),
        ),
      ),
    );
  }
}
