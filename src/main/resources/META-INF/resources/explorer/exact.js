import { h } from './dom.js';

/**
 * JSON in which every number is the text the server wrote: a number of JavaScript loses digits
 * ("JSON.parse source text access", ECMAScript 2026).
 */
export function parse(json) {
  return JSON.parse(json, (key, value, context) =>
    typeof value === 'number' ? context.source : value,
  );
}

/** Whether this browser has what parse needs; those of 2025 and later do. */
export const isSupported = JSON.parse('1.10', (key, value, context) => context?.source) === '1.10';

/**
 * A number as it came, for reading: the digits before the point stand in groups, which are set
 * apart by style alone, so that the element's text is the server's, to the last digit.
 */
export function figure(number) {
  if (number === null) {
    return h('span', { class: 'figure none' }, 'n/a');
  }
  const [, sign, whole, fraction] = /^(-?)(\d+)(.*)$/.exec(number);
  const groups = whole.match(/\d{1,3}(?=(?:\d{3})*$)/g);
  return h(
    'span',
    { class: 'figure' },
    h(
      'span',
      { class: 'whole' },
      sign,
      groups.map((digits) => h('span', {}, digits)),
    ),
    h('span', { class: 'fraction' }, fraction),
  );
}

/** How many characters the longest fraction takes, so that the points of a column stand in line. */
export function fractionWidth(numbers) {
  return Math.max(0, ...numbers.map((number) => (number?.split('.')[1] ?? '').length));
}

/** Roughly how large a number is: for lengths of bars, and for nothing that is shown as a figure. */
export function magnitude(number) {
  return Number(number);
}
