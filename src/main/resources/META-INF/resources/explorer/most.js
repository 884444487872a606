import { get, rowsOf } from './api.js';
import { h } from './dom.js';
import { FIELDS, nameOf } from './fields.js';
import * as months from './month.js';
import { ofMonth, usageHref } from './state.js';
import { BY_AMOUNT, totals } from './totals.js';
import { headline } from './words.js';

const LARGEST = { consumption: 'The largest amount', top_up: 'The largest top-up' };

/** The answer to the commonest question. */
export async function mostOf(state, signal) {
  const wanted = totals('The largest of this month', state, [state.group], ofMonth(state), {
    order_by: BY_AMOUNT,
    per_page: 1,
  });
  const [row] = rowsOf(await get(wanted, signal));
  return h(
    'section',
    { class: 'panel most', 'aria-labelledby': 'most' },
    h(
      'h2',
      { id: 'most', class: 'muted' },
      `${LARGEST[state.kind]} in ${months.name(state.month)}, by ${FIELDS[state.group].one.toLowerCase()} and unit`,
    ),
    row
      ? [
          h(
            'p',
            { class: 'headline' },
            h(
              'a',
              { class: 'name', href: usageHref(state, row, state.month), 'data-key': 'most' },
              nameOf(state.group, row[state.group]),
            ),
          ),
          headline(row),
        ]
      : h('p', { class: 'headline' }, 'Nothing'),
  );
}
