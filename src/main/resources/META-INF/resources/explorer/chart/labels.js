const UTC = { timeZone: 'UTC' };
const SHORT = new Intl.DateTimeFormat('en', { month: 'short', ...UTC });
const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', ...UTC });

/** The lines below a month's column: with the year where the label before has another one. */
export function monthLines(month, previous) {
  const short = SHORT.format(new Date(`${month}-01T00:00:00Z`));
  const year = month.slice(0, 4);
  return previous?.startsWith(year) ? [short] : [short, year];
}

/** The line below a day's column. */
export function dayLines(day) {
  return [String(Number(day.slice(-2)))];
}

/** "2026-10-01" as "1 October 2026". */
export function dayName(day) {
  return DAY.format(new Date(`${day}T00:00:00Z`));
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 3 });
const small = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** A number of an axis, as "2.5K". */
export function tickLabel(value) {
  return (value !== 0 && Math.abs(value) < 1 ? small : compact).format(value);
}
