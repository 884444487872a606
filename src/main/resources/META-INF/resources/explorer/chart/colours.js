/** How many colours chart.css has: --series-1 and so on. */
export const COLOURS = 10;

/** The textures that tell values apart where a view has more values than there are colours. */
const TEXTURES = 4;

/** The look of all that has no colour of its own. */
const REST = -1;

/** Of each field: the look of each value, for as long as the page is open. */
const looks = new Map();

/** Of each field: the values in the view. */
const inView = new Map();

/**
 * Gives each value of a view a look of its own. A value's look follows from the value, so that it is
 * the same in each month and filter and on each machine. Where two values of a view have the same
 * look, the later one takes another and keeps it; all others stay.
 */
export function keepColors(field, values) {
  const kept = looks.get(field) ?? new Map();
  looks.set(field, kept);
  inView.set(field, new Set(values));
  const taken = new Set();
  const without = [];
  for (const value of values) {
    const look = kept.get(value);
    if (look === undefined || taken.has(look)) {
      without.push(value);
    } else {
      taken.add(look);
    }
  }
  // By hash and not by amount: another ranking must not give other colours.
  without.sort((a, b) => hash(a) - hash(b));
  for (const value of without) {
    const look = wished(value).find((each) => !taken.has(each)) ?? wished(value)[0];
    taken.add(look);
    kept.set(value, look);
  }
}

/**
 * The colour of a value, for style sheets. Values without a segment of their own in the view have
 * the colour of "all others".
 */
export function colorOf(field, value) {
  return colour(lookOf(field, value));
}

/** Gives a shape the look of a value: its fill, and a pattern for where the system takes colours away. */
export function dress(shape, field, value) {
  wear(shape, lookOf(field, value));
}

/** Gives a shape the look of "all others". */
export function dressAsRest(shape) {
  wear(shape, REST);
}

function wear(shape, look) {
  const pattern = `url(#${patternId(look)})`;
  shape.style.setProperty('--fill', look >= COLOURS ? pattern : colour(look));
  shape.style.setProperty('--pattern', pattern);
}

/** The name of the pattern of a look; patterns.js draws it. */
export function patternId(look) {
  return `chart-look-${look === REST ? 'rest' : look}`;
}

/** All looks, with the colour and texture of each. */
export function allLooks() {
  return Array.from({ length: COLOURS * TEXTURES + 1 }, (none, index) => index - 1).map((look) => ({
    id: patternId(look),
    colour: colour(look),
    slot: look === REST ? REST : look % COLOURS,
    texture: look === REST ? 0 : Math.floor(look / COLOURS),
  }));
}

function lookOf(field, value) {
  if (!inView.has(field)) {
    return wished(value)[0];
  }
  return inView.get(field).has(value) ? looks.get(field).get(value) : REST;
}

const colour = (look) => `var(--series-${look === REST ? 'rest' : (look % COLOURS) + 1})`;

/** All looks in the order in which a value takes them: plain ones first, its own at the head. */
function wished(value) {
  const first = hash(value);
  const step = [1, 3, 7, 9][(first >>> 8) % 4];
  return Array.from(
    { length: COLOURS * TEXTURES },
    (none, index) =>
      Math.floor(index / COLOURS) * COLOURS + (((first % COLOURS) + index * step) % COLOURS),
  );
}

/** FNV-1a, mixed once more, since ids often differ in their last character alone. */
function hash(value) {
  let bits = 0x811c9dc5;
  for (const character of String(value)) {
    bits = Math.imul(bits ^ character.codePointAt(0), 0x01000193);
  }
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  return (bits ^ (bits >>> 13)) >>> 0;
}
