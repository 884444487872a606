import { line } from './d3.js';
import { s } from './svg.js';

const WIDTH = 96;
const HEIGHT = 24;
const MARGIN = 3;

/**
 * Draws the spark line of a table's row. amounts are decimal texts, null for a month without usage;
 * the month at selectedIndex has a dot. It says nothing that the row's figures do not say.
 */
export function spark(host, amounts, selectedIndex = -1) {
  const values = amounts.map((amount) => Number(amount ?? 0));
  const low = Math.min(0, ...values);
  const span = Math.max(0, ...values) - low || 1;
  const x = (index) => MARGIN + (index * (WIDTH - 2 * MARGIN)) / Math.max(1, values.length - 1);
  const y = (value) => HEIGHT - MARGIN - ((value - low) / span) * (HEIGHT - 2 * MARGIN);
  const path = line()
    .x((value, index) => x(index).toFixed(1))
    .y((value) => y(value).toFixed(1));
  host.replaceChildren(
    s(
      'svg',
      {
        class: 'spark-line',
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        width: WIDTH,
        height: HEIGHT,
        'aria-hidden': 'true',
      },
      s('path', { class: 'zero', d: `M${MARGIN},${y(0).toFixed(1)}H${WIDTH - MARGIN}` }),
      s('path', { class: 'line', d: path(values) }),
      values[selectedIndex] === undefined
        ? []
        : s('circle', {
            cx: x(selectedIndex).toFixed(1),
            cy: y(values[selectedIndex]).toFixed(1),
            r: 2.5,
          }),
    ),
  );
}
