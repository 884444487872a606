import '../lib/d3-array-3.2.4/d3-array.min.js';
import '../lib/d3-path-3.1.0/d3-path.min.js';
import '../lib/d3-shape-3.2.0/d3-shape.min.js';

/** The parts of D3 that the charts use. Its files are scripts, which leave them in one global. */
export const { ticks, stack, stackOffsetDiverging, line } = globalThis.d3;
