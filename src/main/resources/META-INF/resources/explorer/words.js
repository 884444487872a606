import { h } from './dom.js';
import { figure } from './exact.js';

/** A value of an enum as a word: "API_REQUEST" as "api request". */
export function word(value) {
  return value === null ? '' : value === 'GB' ? value : value.toLowerCase().replaceAll('_', ' ');
}

/** An amount in large figures, and for how many units it is. */
export function headline(row) {
  return h(
    'p',
    { class: 'headline' },
    h('span', { class: 'amount' }, figure(row.total_amount), ` ${row.currency}`),
    row.number_of_units === null
      ? h('span', { class: 'muted' }, ' for units of several kinds')
      : h('span', { class: 'muted' }, ' for ', figure(row.number_of_units), ` ${word(row.unit)}`),
  );
}
