import { dress } from './colours.js';
import { s } from './svg.js';

/** A small square that looks as a value's segments do. */
export function swatch(field, value) {
  return swatchOf((shape) => dress(shape, field, value));
}

/** A small square, dressed by a function. */
export function swatchOf(dressed) {
  const square = s('rect', { x: 0.5, y: 0.5, width: 11, height: 11, rx: 2.5 });
  dressed(square);
  return s(
    'svg',
    { class: 'chart-swatch', width: 12, height: 12, viewBox: '0 0 12 12', 'aria-hidden': 'true' },
    square,
  );
}
