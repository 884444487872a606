/** The exact sum of decimal texts. */
export function sum(amounts) {
  const scale = Math.max(0, ...amounts.map((amount) => fraction(amount).length));
  const total = amounts.reduce(
    (whole, amount) => whole + BigInt(amount.replace('.', '') + '0'.repeat(scale - fraction(amount).length)),
    0n,
  );
  const digits = String(total < 0n ? -total : total).padStart(scale + 1, '0');
  const sign = total < 0n ? '-' : '';
  return scale === 0
    ? `${sign}${digits}`
    : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const fraction = (amount) => amount.split('.')[1] ?? '';

/** An amount rounded to the minor unit of its currency, as "4,000.01 USD". */
export function money(amount, currency) {
  // A text is rounded by its digits; a number of JavaScript would lose some of them first.
  return `${formatOf(currency).format(amount)} ${currency}`;
}

const formats = new Map();

function formatOf(currency) {
  if (!formats.has(currency)) {
    const { maximumFractionDigits: digits } = new Intl.NumberFormat('en', {
      style: 'currency',
      currency,
    }).resolvedOptions();
    formats.set(
      currency,
      new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
    );
  }
  return formats.get(currency);
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 3 });
const small = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** A number of an axis, as "2.5K". */
export function tickLabel(value) {
  return (value !== 0 && Math.abs(value) < 1 ? small : compact).format(value);
}
