import { stack, stackOffsetDiverging, ticks } from './d3.js';

/**
 * Where the segments of stacked columns begin and end. Positive values stack up from zero and
 * negative ones down from it.
 *
 * series: of each, its values by column. Returns of each series and column the pair [from, to].
 */
export function stacked(series, columns) {
  const rows = Array.from({ length: columns }, (none, column) =>
    series.map((values) => values[column]),
  );
  return stack()
    .keys(series.keys())
    .value((row, key) => row[key])
    .offset(stackOffsetDiverging)(rows);
}

/**
 * A scale from values to pixels, from the bottom to the top. It ends at the data and not at the next
 * round number: a small credit below zero takes the height that it has, and no more.
 */
export function scaleOf(stacks, bottom, top) {
  const ends = stacks.flatMap((series) => series.flatMap(([from, to]) => [from, to]));
  const low = Math.min(0, ...ends);
  const high = Math.max(0, ...ends);
  const span = high - low || 1;
  const scale = (value) => bottom - ((value - low) / span) * (bottom - top);
  scale.ticks = low === high ? [0] : ticks(low, high, Math.max(2, (bottom - top) / 48));
  return scale;
}
