import { h } from './dom.js';
import { percent, round, sign } from './exact.js';

/**
 * The currencies whose smallest coin takes other than two digits (ISO 4217). Browsers know another
 * list, by custom: there 1 RSD has no coins.
 */
const DIGITS = new Map(
  [
    [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
    [3, 'BHD IQD JOD KWD LYD OMR TND'],
    [4, 'CLF UYW'],
  ].flatMap(([digits, currencies]) => currencies.split(' ').map((each) => [each, digits])),
);

/** How many digits the smallest coin of a currency takes. */
const minorDigits = (currency) => DIGITS.get(currency) ?? 2;

/** A number for reading: groups of three digits, and a minus as wide as a plus. */
function readable(text, isSigned) {
  const [whole, fraction] = text.replace('-', '').split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const isZero = !/[1-9]/.test(text);
  const mark = isZero ? '' : text.startsWith('-') ? '\u2212' : isSigned ? '+' : '';
  return `${mark}${grouped}${fraction ? `.${fraction}` : ''}`;
}

/** An amount as text, rounded to the smallest coin of its currency. */
export function amountText(amount, currency, isSigned = false) {
  return readable(round(amount, minorDigits(currency)), isSigned);
}

/** A figure: its exact digits are shown on a closer look, and are what is copied. */
function figure(shown, exact, isFocusable) {
  return h(
    'span',
    {
      class: 'figure',
      'data-exact': exact,
      'data-rounded': shown.replaceAll(',', '').replace('\u2212', '-').replace('+', '') !== exact,
      tabindex: isFocusable ? '0' : null,
    },
    shown,
  );
}

/** An amount rounded to the smallest coin of its currency. */
export function money(amount, currency, { isSigned = false, isFocusable = false } = {}) {
  return figure(amountText(amount, currency, isSigned), amount, isFocusable);
}

/** A number with all its digits: units, prices, and the amounts that prove others. */
export function exactly(number) {
  return number === null || number === undefined
    ? h('span', { class: 'none' }, 'n/a')
    : figure(readable(number), number, false);
}

/** The part of a whole in hundredths, or nothing where there is no whole. */
export function share(part, whole) {
  const exact = percent(part, whole, 4);
  return exact === null
    ? h('span', { class: 'none' }, 'n/a')
    : figure(`${readable(round(exact, 1))}\u00a0%`, `${exact} %`, false);
}

/** "up", "down" or "unchanged". */
export function direction(change) {
  return ['down', 'unchanged', 'up'][sign(change) + 1];
}

/**
 * What is copied has the exact digits: a page whose figures are rounded for the eye must not put
 * rounded ones into somebody's spreadsheet.
 */
export function copyExactly() {
  document.addEventListener('copy', (event) => {
    const selection = getSelection();
    if (selection.isCollapsed || event.target.closest?.('input, textarea')) {
      return;
    }
    const range = selection.getRangeAt(0);
    const inside = parentElement(range.commonAncestorContainer).closest('.figure');
    const copied = inside ? inside.cloneNode(true) : range.cloneContents();
    const whole = h('div', {}, copied);
    const figures = whole.querySelectorAll('[data-exact]');
    if (figures.length === 0) {
      return;
    }
    figures.forEach((each) => {
      each.textContent = each.dataset.exact;
    });
    event.clipboardData.setData('text/plain', lines(whole));
    event.clipboardData.setData('text/html', whole.innerHTML);
    event.preventDefault();
  });
}

const parentElement = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement);

/** The text of a tree: a line for each block and row, cells apart by tabs. */
function lines(tree) {
  const text = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      return node.data.replace(/\s+/g, ' ');
    }
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches('svg, [aria-hidden="true"]')) {
      return '';
    }
    const inner = [...node.childNodes].map(text).join('');
    return /^(TR|P|LI|H\d|DIV|SECTION|OL|UL|CAPTION)$/.test(node.tagName)
      ? `\n${inner.trim()}\n`
      : /^T[DH]$/.test(node.tagName)
        ? `${inner.trim()}\t`
        : inner;
  };
  return text(tree)
    .replace(/\t*\n[\n ]*/g, '\n')
    .trim();
}
