import { h } from './dom.js';
import { absolute, less, percent, sign } from './exact.js';
import { amountText, direction, money } from './figure.js';
import * as months from './month.js';
import { nameOf } from './names.js';
import { time } from './words.js';

/** How much more or less an amount is than the one before, in hundredths: "+12 %". */
export function percentText(change, previous) {
  const exact = percent(change, previous, 1);
  if (exact === null) {
    return null;
  }
  if (sign(exact) === 0 && sign(change) !== 0) {
    return '<0.1\u00a0%';
  }
  const text = absolute(exact).length < 4 ? exact : percent(change, previous, 0);
  const mark = ['\u2212', '', '+'][sign(text) + 1];
  return `${mark}${absolute(text).replace(/\B(?=(\d{3})+(?!\d))/g, ',')}\u00a0%`;
}

/** An amount, and how it differs from the one before: "4,000.01 USD, up 427.11 (+12 %)". */
export function amountAndChange(current, previous, currency) {
  const change = less(current, previous);
  const part = percentText(change, previous);
  const isNothing = sign(current) === 0 && sign(previous) === 0;
  return [
    h('span', { class: 'amount' }, money(current, currency, { isFocusable: true }), ` ${currency}`),
    isNothing
      ? null
      : h(
          'span',
          { class: `delta ${direction(change)}` },
          `, ${direction(change)}`,
          sign(change) === 0
            ? null
            : [
                ' ',
                money(absolute(change), currency, { isFocusable: true }),
                part ? ` (${part})` : null,
              ],
        ),
  ];
}

/** Whether a month's figures may still change, and when they last did. */
export function standing({ month_status: status, updated_at: updatedAt }, month) {
  const isFinal = status === 'CLOSED';
  const isOver = month <= months.lastFull();
  const meaning = isFinal
    ? 'The month is closed: its figures stay.'
    : isOver
      ? 'The month is over but not closed: late usage may still change its figures.'
      : 'The month is not over.';
  return h(
    'p',
    { class: 'standing' },
    h(
      'span',
      { class: isFinal ? 'badge final' : 'badge', title: meaning },
      isFinal ? 'final' : 'so far',
    ),
    h('span', { class: 'meaning' }, ` ${meaning}`),
    updatedAt ? [' Last changed ', time(updatedAt), '.'] : null,
  );
}

/** What most of a change comes from: the largest movers that go its way, and why each moved. */
export function drivers(state, movers, total, reasonOf, hrefOf) {
  const way = sign(total);
  const same = movers.filter((row) => sign(row.change) === way);
  const named = (same.length > 0 && way !== 0 ? same : movers).slice(0, 2);
  if (named.length === 0) {
    return null;
  }
  return h(
    'p',
    { class: 'drivers' },
    'Mostly ',
    named.map((row, index) => [
      index === 0 ? '' : ' and ',
      h(
        'a',
        { href: hrefOf(row), 'data-key': `driver-${row[state.group]}` },
        nameOf(state.group, row[state.group]),
      ),
      ` ${amountText(row.change, state.currency, true)}`,
      reasonOf(row) ? ` (${reasonOf(row)})` : null,
    ]),
    '.',
  );
}
