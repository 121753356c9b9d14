import { smoothLoop, traceLoops } from '../geometry/contour.js';
import { bitmapOf } from '../store/shapes.js';

/** @typedef {{exact: Path2D, smooth: Path2D}} Paths */

/** @type {WeakMap<object, Paths>} */
const cache = new WeakMap();

/** From this scale on pixels are seen one by one, and the outline follows their edges. */
export const EXACT_FROM_SCALE = 8;

/** @param {number[][]} loops */
function pathOf(loops) {
  const path = new Path2D();
  for (const loop of loops) {
    path.moveTo(loop[0], loop[1]);
    for (let k = 2; k < loop.length; k += 2) path.lineTo(loop[k], loop[k + 1]);
    path.closePath();
  }
  return path;
}

/**
 * @param {import('../geometry/rle.js').Shape} shape a row that is never changed in place
 * @param {number} scale screen pixels per image pixel
 * @returns {Path2D} in image pixels
 */
export function outlineOf(shape, scale) {
  let paths = cache.get(shape);
  if (!paths) {
    const loops = traceLoops(bitmapOf(shape));
    paths = { exact: pathOf(loops), smooth: pathOf(loops.map(smoothLoop)) };
    cache.set(shape, paths);
  }
  return scale >= EXACT_FROM_SCALE ? paths.exact : paths.smooth;
}
