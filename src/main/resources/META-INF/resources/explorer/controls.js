import { calendar } from './calendar.js';
import { h, popup } from './dom.js';
import * as months from './month.js';
import { change } from './route.js';
import { overviewHref, SPANS } from './state.js';
import { FIELDS, KINDS } from './words.js';

/** What can be chosen of the overview, in a slim bar. */
export function controls(state) {
  const choose = (changes) => change(overviewHref(state, { rows: null, shown: null, ...changes }));
  const currencies = [...new Set([...state.currencies, state.currency])].filter(Boolean);
  return [
    choice(
      'Group by',
      'group',
      state.group,
      Object.entries(FIELDS).map(([field, { one }]) => [field, `By ${one.toLowerCase()}`]),
      (group) => choose({ group, units: null }),
    ),
    // Another month is not to be of another currency.
    monthChoice(state, (month) => choose({ month, currency: state.currency })),
    choice(
      'Currency',
      'currency',
      state.currency,
      currencies.map((each) => [each, each]),
      (currency) => choose({ currency }),
    ),
    choice('Show', 'kind', state.kind, Object.entries(KINDS), (kind) => choose({ kind })),
    choice(
      'Months shown',
      'months',
      String(state.span),
      SPANS.map((each) => [each, `${each} months`]),
      (span) => choose({ months: span }),
    ),
  ];
}

function choice(label, name, chosen, options, onChoice) {
  return h(
    'select',
    {
      'aria-label': label,
      title: label,
      'data-key': name,
      onchange: (event) => onChoice(event.target.value),
    },
    options.map(([value, text]) => h('option', { value, selected: value === chosen }, text)),
  );
}

function monthChoice(state, onMonth) {
  const step = (by, label, arrow) =>
    h(
      'button',
      {
        type: 'button',
        'aria-label': label,
        'data-key': label,
        disabled: by > 0 && state.month >= state.newest,
        onclick: () => onMonth(months.plus(state.month, by)),
      },
      arrow,
    );
  return h(
    'div',
    { class: 'month-choice', role: 'group', 'aria-label': 'Month' },
    step(-1, 'Month before', '\u25c0'),
    popup(
      h('button', { type: 'button', 'data-key': 'month' }, months.name(state.month)),
      'Choose a month',
      (close) =>
        calendar({
          from: state.oldest,
          to: state.newest,
          chosen: new Set([state.month]),
          onChoose: (month) => {
            close();
            onMonth(month);
          },
        }),
    ),
    step(1, 'Month after', '\u25b6'),
  );
}
