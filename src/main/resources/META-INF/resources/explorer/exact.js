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

/** A decimal as a whole number of its smallest places. */
function read(text) {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  return { value: BigInt(sign + whole + fraction), places: fraction.length };
}

function write(value, places) {
  const digits = String(value < 0n ? -value : value).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places);
  return `${value < 0n ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}

function aligned(a, b) {
  const [left, right] = [read(a), read(b)];
  const places = Math.max(left.places, right.places);
  const at = ({ value, places: own }) => value * 10n ** BigInt(places - own);
  return [at(left), at(right), places];
}

/** Without superfluous zeros, as the server writes it. */
function plain(text) {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** The sum of decimals, to the last digit. */
export function sum(texts) {
  return texts.reduce((total, each) => {
    const [a, b, places] = aligned(total, each);
    return plain(write(a + b, places));
  }, '0');
}

/** The first less the second, to the last digit. */
export function less(a, b) {
  const [left, right, places] = aligned(a, b);
  return plain(write(left - right, places));
}

/** Negative, zero or positive: how two decimals compare. */
export function compare(a, b) {
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** -1, 0 or 1. */
export function sign(text) {
  return compare(text, '0');
}

/** A decimal without its sign. */
export function absolute(text) {
  return text.replace('-', '');
}

function divided(value, by) {
  // Half away from zero, as invoices are rounded.
  const half = (value < 0n ? -by : by) / 2n;
  return (value + half) / by;
}

/** A decimal rounded to so many places, all of which are written. */
export function round(text, places) {
  const { value, places: own } = read(text);
  return own > places
    ? write(divided(value, 10n ** BigInt(own - places)), places)
    : write(value * 10n ** BigInt(places - own), places);
}

/** How many hundredths of the whole a part is, to so many places; null where the whole is not positive. */
export function percent(part, whole, places) {
  const [a, b] = aligned(part, whole);
  return b > 0n ? write(divided(a * 2n * 10n ** BigInt(places + 2), 2n * b), places) : null;
}

/** Roughly how large a number is: for lengths of bars, and for nothing that is shown as a figure. */
export function magnitude(number) {
  return Number(number);
}
