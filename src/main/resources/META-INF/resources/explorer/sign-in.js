import { tokenOf } from './api.js';
import { h } from './dom.js';
import { askPortal, isFramed } from './embed.js';
import { goTo } from './open-id.js';
import { problemBox } from './problem.js';
import { settings } from './settings.js';
import { tokenIn } from './token.js';

/**
 * The form to sign in by: at the provider, with a token, or by a way that is open to everybody. In a
 * frame it is the portal that signs people in.
 *
 * onGrant gets what session.js starts with
 */
export function signIn(notice, onGrant) {
  const outcome = h(
    'div',
    { class: 'outcome' },
    notice ? h('p', { class: 'notice', role: 'alert' }, notice) : null,
  );
  return isFramed ? fromPortal(outcome, onGrant) : form(outcome, onGrant);
}

function form(outcome, onGrant) {
  const { open_id } = settings;
  const input = h('input', {
    id: 'token',
    type: 'password',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    required: true,
    'data-first': !open_id,
    'aria-describedby': 'token-hint',
  });
  return h(
    'form',
    {
      class: 'panel sign-in',
      onsubmit: (event) => {
        event.preventDefault();
        const token = tokenIn(input.value);
        if (token) {
          onGrant({ token });
        } else {
          complain(outcome)({ message: 'This is not a token: a token is three parts with dots.' });
        }
      },
    },
    h('h1', {}, 'See what was used, and what it cost'),
    outcome,
    open_id ? atProvider(open_id, outcome) : null,
    h('label', { for: 'token' }, open_id ? 'Or an access token' : 'Access token'),
    input,
    h(
      'p',
      { id: 'token-hint', class: 'muted' },
      'The token you call the API with. This page keeps it in memory only: it is forgotten when the tab is closed or reloaded.',
    ),
    h('button', { class: open_id ? null : 'primary' }, open_id ? 'Use the token' : 'Sign in'),
    settings.sign_ins.length > 0 ? offers(outcome, onGrant) : null,
  );
}

function atProvider(openId, outcome) {
  return [
    h(
      'button',
      {
        type: 'button',
        class: 'primary',
        'data-first': true,
        'aria-describedby': 'provider-hint',
        onclick: () => goTo(openId).catch(complain(outcome)),
      },
      'Sign in',
    ),
    h(
      'p',
      { id: 'provider-hint', class: 'muted' },
      `You go to ${new URL(openId.issuer).host} and come back here.`,
    ),
  ];
}

function offers(outcome, onGrant) {
  return h(
    'section',
    { class: 'offers', 'aria-labelledby': 'offers' },
    h('h2', { id: 'offers' }, 'Or have a look as'),
    h(
      'ul',
      {},
      settings.sign_ins.map((way) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              onclick: () =>
                tokenOf(way).then((token) => onGrant({ token, name: way.name }), complain(outcome)),
            },
            h('strong', {}, way.name),
            way.description ? h('span', { class: 'muted' }, way.description) : null,
          ),
        ),
      ),
    ),
  );
}

function fromPortal(outcome, onGrant) {
  const button = h(
    'button',
    { type: 'button', class: 'primary', onclick: () => ask() },
    'Ask again',
  );
  const ask = () => {
    outcome.replaceChildren(h('p', { role: 'status' }, 'Waiting for the portal to sign you in.'));
    askPortal().then(onGrant, (problem) => outcome.replaceChildren(problemBox(problem, button)));
  };
  if (outcome.hasChildNodes()) {
    outcome.append(button);
  } else {
    ask();
  }
  return h(
    'section',
    { class: 'panel sign-in' },
    h('h1', {}, 'See what was used, and what it cost'),
    outcome,
  );
}

const complain = (outcome) => (problem) => outcome.replaceChildren(problemBox(problem));
