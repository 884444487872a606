/** Texts in the language of the API's filter parameter. */

const quote = (text) => `'${text.replaceAll("'", "''")}'`;

/** A field is a value, or has none. */
export function is(field, value) {
  return value === null ? `${field} eq null` : `${field} eq ${quote(value)}`;
}

/** A field is another value, or has one. */
export function isNot(field, value) {
  return value === null ? `${field} ne null` : `${field} ne ${quote(value)}`;
}

/** A field holds a text. */
export function contains(field, text) {
  return `contains(${field}, ${quote(text)})`;
}

/** A field is one of some values, of which null may be one. */
export function isOneOf(field, values) {
  const texts = values.filter((value) => value !== null);
  const clauses = [];
  if (texts.length > 0) {
    clauses.push(`${field} in (${texts.map(quote).join(',')})`);
  }
  if (texts.length < values.length) {
    clauses.push(`${field} eq null`);
  }
  return clauses.length === 1 ? clauses[0] : `(${clauses.join(' or ')})`;
}

/** Months from one to another, both included. */
export function between(first, last) {
  return `month ge ${quote(first)} and month le ${quote(last)}`;
}

/** All of these; the first is what somebody typed, and may be empty. */
export function all(typed, ...clauses) {
  return (typed ? [`(${typed})`, ...clauses] : clauses).join(' and ');
}

/** How many characters the server takes. */
export const MAX_LENGTH = 1600;
