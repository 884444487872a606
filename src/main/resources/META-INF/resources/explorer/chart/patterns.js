import { allLooks } from './colours.js';
import { s } from './svg.js';

/** Lines and dots on a tile of 8 by 8, from plain to dense. */
const TEXTURES = [
  '',
  'M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4',
  'M2,2h.01 M6,6h.01',
  'M0,0 l8,8 M0,8 l8,-8',
];

/** Where the system replaces all colours, a value is told by its pattern. */
const FORCED = [
  'M0,0h8v8h-8z',
  'M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4',
  'M1.5,2h1 M5.5,6h1',
  'M0,2h8 M0,6h8',
  'M-2,6 l4,4 M0,0 l8,8 M6,-2 l4,4',
  'M2,0v8 M6,0v8',
  'M0,0 l8,8 M0,8 l8,-8',
  'M0,4h8 M4,0v8',
  'M2,2h4v4h-4z',
  'M0,4 l2,-3 l4,6 l2,-3',
];

/** Puts the patterns into the page, once. */
export function providePatterns() {
  if (document.getElementById('chart-patterns')) {
    return;
  }
  document.body.append(
    s(
      'svg',
      { id: 'chart-patterns', class: 'chart-patterns', 'aria-hidden': 'true', width: 0, height: 0 },
      s('defs', {}, allLooks().map(pattern)),
    ),
  );
}

function pattern({ id, colour, slot, texture }) {
  const ground = s('rect', { class: 'ground', width: 8, height: 8 });
  ground.style.setProperty('--colour', colour);
  return s(
    'pattern',
    { id, width: 8, height: 8, patternUnits: 'userSpaceOnUse' },
    ground,
    s('path', { class: 'texture', d: TEXTURES[texture] }),
    s('path', { class: slot === 0 ? 'forced solid' : 'forced', d: FORCED[slot] ?? '' }),
  );
}
