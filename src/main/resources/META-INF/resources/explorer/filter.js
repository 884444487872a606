import { isMonth, plus } from './month.js';

/** Texts in the language of the API's filter parameter, and the clauses that chips stand for. */

/** How many characters the server takes. */
const MAX_LENGTH = 1600;

/** How many values one filter takes here; the server takes as many at least. */
const MAX_VALUES = 90;

const quote = (text) => `'${text.replaceAll("'", "''")}'`;

/** A field is a value, or has none. */
export function is(field, value) {
  return value === null ? `${field} eq null` : `${field} eq ${quote(value)}`;
}

/** A field is one of some values, of which null may be one. */
export function isOneOf(field, values) {
  const texts = values.filter((value) => value !== null);
  const clauses = [];
  if (texts.length > 0) {
    clauses.push(
      texts.length === 1 ? is(field, texts[0]) : `${field} in (${texts.map(quote).join(',')})`,
    );
  }
  if (texts.length < values.length) {
    clauses.push(is(field, null));
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

/** Values in chunks of at most so many, each of which makes a filter that is not too long. */
export function inChunks(values, most, filterOf) {
  const chunks = [];
  const fits = (chunk) =>
    chunk.length <= Math.min(most, MAX_VALUES) && filterOf(chunk).length <= MAX_LENGTH;
  for (const value of values) {
    if (chunks.length > 0 && fits([...chunks.at(-1), value])) {
      chunks.at(-1).push(value);
    } else {
      chunks.push([value]);
    }
  }
  return chunks;
}

/** How a chip compares: what is said of it, and what it is in the language of filters. */
export const COMPARISONS = {
  is: { text: 'is', written: isOneOf },
  isNot: {
    text: 'is not',
    written: (field, values) =>
      values.length === 1
        ? is(field, values[0]).replace(' eq ', ' ne ')
        : `not ${isOneOf(field, values)}`,
  },
  contains: {
    text: 'contains',
    written: (field, [text]) => `contains(${field}, ${quote(text)})`,
  },
  from: { text: 'from', written: (field, [value]) => `${field} ge ${quote(value)}` },
  to: { text: 'until', written: (field, [value]) => `${field} le ${quote(value)}` },
};

/** The text of some clauses, each { field, comparison, values }. */
export function write(clauses) {
  return clauses
    .map(({ field, comparison, values }) => COMPARISONS[comparison].written(field, values))
    .join(' and ');
}

const TOKEN = /\s*(?:'((?:[^']|'')*)'|([A-Za-z_]+)|([(),]))/y;

/** The clauses of a text that chips can stand for, in order; null where it says more than they can. */
export function read(text) {
  const tokens = tokensOf(text);
  if (tokens === null) {
    return null;
  }
  const clauses = [];
  while (tokens.length > 0) {
    if (clauses.length > 0 && !taken(tokens, 'and')) {
      return null;
    }
    const clause = taken(tokens, 'not') ? negated(comparison(tokens)) : comparison(tokens);
    if (clause === null) {
      return null;
    }
    clauses.push(clause);
  }
  return clauses;
}

function tokensOf(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const match = TOKEN.exec(text);
    if (match === null) {
      return null;
    }
    const [, literal, name, mark] = match;
    tokens.push(
      literal === undefined ? { name, mark } : { literal: literal.replaceAll("''", "'") },
    );
  }
  return tokens;
}

const isWord = (token, word) => token?.name?.toLowerCase() === word;

/** Takes these keywords and marks if they come next, all or none. */
function taken(tokens, ...expected) {
  const fits = expected.every(
    (each, index) => tokens[index]?.mark === each || isWord(tokens[index], each),
  );
  if (fits) {
    tokens.splice(0, expected.length);
  }
  return fits;
}

function negated(clause) {
  return clause?.comparison === 'is' ? { ...clause, comparison: 'isNot' } : null;
}

/** One comparison, or two of one field that together are one: values or none. */
function comparison(tokens) {
  if (!taken(tokens, '(')) {
    return simple(tokens);
  }
  const first = simple(tokens);
  const second = taken(tokens, 'or') ? simple(tokens) : null;
  const isOne =
    first?.comparison === 'is' &&
    second?.comparison === 'is' &&
    first.field === second.field &&
    taken(tokens, ')');
  return isOne ? { ...first, values: [...first.values, ...second.values] } : null;
}

const OPERATORS = { eq: 'is', ne: 'isNot', ge: 'from', le: 'to' };

/** After a month is from the next one on, and before it is until the one before. */
const NEIGHBOURS = {
  gt: { comparison: 'from', months: 1 },
  lt: { comparison: 'to', months: -1 },
};

function simple(tokens) {
  if (taken(tokens, 'contains', '(')) {
    const field = tokens.shift()?.name;
    const value = taken(tokens, ',') ? tokens.shift()?.literal : undefined;
    return field && value !== undefined && taken(tokens, ')')
      ? { field, comparison: 'contains', values: [value] }
      : null;
  }
  const field = tokens.shift()?.name;
  if (!field) {
    return null;
  }
  if (taken(tokens, 'in', '(')) {
    const values = [];
    do {
      values.push(tokens.shift()?.literal);
    } while (taken(tokens, ','));
    return taken(tokens, ')') && !values.includes(undefined)
      ? { field, comparison: 'is', values }
      : null;
  }
  const name = tokens.shift()?.name?.toLowerCase();
  const operator = OPERATORS[name];
  const token = tokens.shift();
  const value = isWord(token, 'null') ? null : token?.literal;
  if (field === 'month' && NEIGHBOURS[name] && isMonth(value)) {
    const { comparison, months } = NEIGHBOURS[name];
    return { field, comparison, values: [plus(value, months)] };
  }
  return operator && value !== undefined ? { field, comparison: operator, values: [value] } : null;
}

/**
 * A filter's months apart from the rest of it: a page that compares months chooses them by itself.
 * where is the text of the rest; allows says of a month whether the filter does; isMixed, whether
 * there are months that cannot be taken apart, so that where is the whole text.
 */
export function apart(text) {
  const clauses = read(text);
  const ofMonths = clauses?.filter(({ field }) => field === 'month') ?? [];
  const areMonths = ofMonths.every(
    ({ comparison, values }) => comparison !== 'contains' && values.every(isMonth),
  );
  if (clauses === null || !areMonths) {
    return { where: text, hasMonths: false, isMixed: namesMonths(text), allows: () => true };
  }
  return {
    where: ofMonths.length > 0 ? write(clauses.filter(({ field }) => field !== 'month')) : text,
    hasMonths: ofMonths.length > 0,
    isMixed: false,
    allows: (month) => ofMonths.every((clause) => isMet(clause, month)),
  };
}

const namesMonths = (text) => /\bmonth\b/i.test(text.replace(/'[^']*'/g, ''));

function isMet({ comparison, values }, month) {
  switch (comparison) {
    case 'is':
      return values.includes(month);
    case 'isNot':
      return !values.includes(month);
    case 'from':
      return month >= values[0];
    case 'to':
      return month <= values[0];
  }
}
