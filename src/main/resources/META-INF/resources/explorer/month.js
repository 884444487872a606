const LONG = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const SHORT = new Intl.DateTimeFormat('en', { month: 'short', timeZone: 'UTC' });

const date = (month) => new Date(`${month}-01T00:00:00Z`);

/** Whether a text is a month, as the API writes it. */
export function isMonth(text) {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text ?? '');
}

/** "2026-10" as "October 2026". */
export function name(month) {
  return LONG.format(date(month));
}

/** "2026-10" as "Oct 2026". */
export function short(month) {
  return `${SHORT.format(date(month))} ${month.slice(0, 4)}`;
}

/** The short names of the twelve months. */
export const NAMES = Array.from({ length: 12 }, (none, index) =>
  SHORT.format(new Date(Date.UTC(2000, index))),
);

/** The days of a month, as the API writes them. */
export function days(month) {
  const next = date(plus(month, 1));
  const count = Math.round((next - date(month)) / 86_400_000);
  return Array.from(
    { length: count },
    (none, index) => `${month}-${String(index + 1).padStart(2, '0')}`,
  );
}

/** "2026-10-05" as "5 October 2026". */
export function dayName(day) {
  return `${Number(day.slice(8))} ${name(day.slice(0, 7))}`;
}

/** So many months after another one. */
export function plus(month, months) {
  const moved = date(month);
  moved.setUTCMonth(moved.getUTCMonth() + months);
  return moved.toISOString().slice(0, 7);
}

/** The months up to one, so many, the oldest first. */
export function upTo(last, count) {
  return Array.from({ length: count }, (none, index) => plus(last, index + 1 - count));
}

/** The month that is over and nearest: months are cut in UTC. */
export function lastFull() {
  return plus(new Date().toISOString().slice(0, 7), -1);
}
