import { h } from './dom.js';
import { figure } from './exact.js';

/** A value of an enum as a word: "API_REQUEST" as "api request". */
export function word(value) {
  return value === null ? '' : value === 'GB' ? value : value.toLowerCase().replaceAll('_', ' ');
}

/** What a row counts: the word that was sent, where the API has no name of its own for the unit. */
export function unitOf(row) {
  return row.unit_word ?? word(row.unit);
}

/** An amount in large figures, and for how many units it is. */
export function headline(row) {
  return h(
    'p',
    { class: 'headline' },
    h('span', { class: 'amount' }, figure(row.total_amount), ` ${row.currency}`),
    row.number_of_units === null
      ? h('span', { class: 'muted' }, ' for units of several kinds')
      : h('span', { class: 'muted' }, ' for ', figure(row.number_of_units), ` ${unitOf(row)}`),
  );
}
