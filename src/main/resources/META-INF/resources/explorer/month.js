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

/** "2026-10" as "Oct", and January as "Jan 2026", for an axis. */
export function label(month, index) {
  const short = SHORT.format(date(month));
  return index === 0 || month.endsWith('-01') ? `${short}\n${month.slice(0, 4)}` : short;
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
