import { getRows } from './api.js';
import { changes } from './calls.js';
import { h } from './dom.js';
import { absolute, compare, sign, sum } from './exact.js';
import { money } from './figure.js';
import { percentText } from './headline.js';
import { isOneOf } from './filter.js';
import * as months from './month.js';
import { idBeside, nameOf } from './names.js';
import { emptyBox } from './problem.js';
import { ofCurrency } from './state.js';

const MOST = 5;
const PER_PAGE = 250;

/** The largest changes, in the order they came in. */
export function moversOf(rows) {
  return rows.filter((row) => sign(row.change) !== 0).slice(0, MOST);
}

/**
 * The parts of each row's change. Where the server has none, because units are mixed, they are added
 * up product by product and unit by unit, exactly; what came or went whole is a part of its own.
 */
export async function partsOf(state, rows, signal) {
  const parts = new Map(rows.map((row) => [row[state.group], ownParts(row)]));
  const mixed = rows.filter((row) => parts.get(row[state.group]) === null);
  if (mixed.length === 0) {
    return { parts, calls: [] };
  }
  const values = mixed.map((row) => row[state.group]);
  const wanted = changes(
    'The largest movers, product by product',
    state,
    [...new Set([state.group, 'product_id', 'unit'])],
    ofCurrency(state, isOneOf(state.group, values)),
  );
  const { rows: detail, isComplete } = await getRows(wanted, signal, PER_PAGE);
  if (isComplete) {
    const byGroup = Map.groupBy(detail, (row) => row[state.group]);
    values.forEach((value) => parts.set(value, addedParts(byGroup.get(value) ?? [])));
  }
  return { parts, calls: [wanted] };
}

/** A row's own parts: by quantity and by price, or new, or gone; null where units are mixed. */
function ownParts(row) {
  const none = { quantity: '0', price: '0', came: '0', went: '0', rest: '0' };
  if (row.by_quantity !== null) {
    return { ...none, quantity: row.by_quantity, price: row.by_price };
  }
  if (sign(row.previous_amount) === 0) {
    return { ...none, came: row.change };
  }
  return sign(row.current_amount) === 0 ? { ...none, went: row.change } : null;
}

function addedParts(rows) {
  const all = rows.map((row) => ownParts(row) ?? { rest: row.change });
  const added = (name) => sum(all.map((each) => each[name] ?? '0'));
  return {
    quantity: added('quantity'),
    price: added('price'),
    came: added('came'),
    went: added('went'),
    rest: added('rest'),
    isAdded: true,
  };
}

const NAMES = {
  quantity: 'by quantity',
  price: 'by price',
  came: 'new',
  went: 'gone',
  rest: 'without units',
};

const REASONS = {
  quantity: ['fewer units', 'more units'],
  price: ['a lower price', 'a higher price'],
  came: ['new credits', 'new'],
  went: ['gone', 'credits gone'],
  rest: ['things without units', 'things without units'],
};

const present = (parts) => Object.keys(NAMES).filter((name) => sign(parts[name]) !== 0);

/** Why a row changed, in a few words: "more units", "mostly a higher price"; null where none fit. */
export function reason(parts) {
  const names = parts ? present(parts) : [];
  if (names.every((name) => name === 'rest')) {
    return null;
  }
  const largest = names.reduce((one, other) =>
    compare(absolute(parts[one]), absolute(parts[other])) < 0 ? other : one,
  );
  const text = REASONS[largest][sign(parts[largest]) < 0 ? 0 : 1];
  return names.length > 1 ? `mostly ${text}` : text;
}

/** The parts of a change as figures: "by quantity +300.00, by price -12.10". */
export function partsLine(parts, currency) {
  if (!parts) {
    return h(
      'p',
      { class: 'parts' },
      'Units of several kinds: look at its products to see quantity and price.',
    );
  }
  if (present(parts).every((name) => name === 'rest')) {
    return h('p', { class: 'parts' }, 'Not counted in units, so it has no quantity and price.');
  }
  const always = parts.came === '0' && parts.went === '0' ? ['quantity', 'price'] : [];
  const names = [...new Set([...always, ...present(parts)])];
  return h(
    'p',
    { class: 'parts' },
    names.map((name) =>
      h(
        'span',
        {},
        `${NAMES[name]} `,
        money(parts[name], currency, { isSigned: true, isFocusable: true }),
      ),
    ),
    parts.isAdded ? h('span', { class: 'muted' }, 'product by product') : null,
  );
}

/** The movers, each with the parts of its change, leading to its days, aggregates and records. */
export function whySection(state, movers, parts, hrefOf) {
  const before = months.name(state.previous);
  return [
    h('h2', { id: 'why' }, 'Why'),
    movers.length === 0
      ? emptyBox(`Nothing changed since ${before}.`)
      : [
          h('p', { class: 'muted' }, `The largest changes since ${before}.`),
          h(
            'ol',
            { class: 'movers' },
            movers.map((row) => mover(state, row, parts, hrefOf(row))),
          ),
        ],
  ];
}

function mover(state, row, parts, href) {
  const value = row[state.group];
  const part = percentText(row.change, row.previous_amount);
  return h(
    'li',
    {},
    h(
      'p',
      { class: 'mover' },
      h('a', { href, 'data-key': `mover-${value}` }, nameOf(state.group, value)),
      idBeside(state.group, value),
    ),
    h(
      'p',
      { class: 'moved' },
      money(row.change, state.currency, { isSigned: true, isFocusable: true }),
      part ? h('span', { class: 'muted' }, ` ${part}`) : null,
    ),
    parts.has(value) ? partsLine(parts.get(value), state.currency) : null,
  );
}
