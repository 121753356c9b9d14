import { intersectionArea } from '../geometry/bitmap.js';
import { BoxIndex } from '../geometry/box_index.js';
import { bitmapOf } from './shapes.js';

/** @typedef {import('./annotations.js').Patch} Patch */
/** @typedef {import('../geometry/rle.js').Shape} Shape */

/**
 * The server hears of one mask after the other and keeps the rule on overlaps each time: so nothing
 * goes where another one has yet to leave. Undone backwards, the same holds.
 * @param {Patch[]} patches of one change, after which no two masks overlap @returns {Patch[]}
 */
export function departuresFirst(patches) {
  /** @type {BoxIndex<{bbox: Shape['bbox'], shape: Shape, patch: Patch}>} */
  const leaving = new BoxIndex();
  for (const patch of patches) {
    if (patch.kind === 'mask' && patch.before) leaving.set(patch.id, { bbox: patch.before.bbox, shape: patch.before, patch });
  }
  /** @type {Set<Patch>} */
  const ordered = new Set();
  const begun = new Set();

  /** @param {Patch} patch */
  function place(patch) {
    if (begun.has(patch)) return;
    begun.add(patch);
    if (patch.kind === 'mask' && patch.after) {
      const pixels = bitmapOf(patch.after);
      for (const { shape, patch: other } of leaving.search(patch.after.bbox)) {
        if (other !== patch && intersectionArea(pixels, bitmapOf(shape))) place(other);
      }
    }
    ordered.add(patch);
  }

  patches.forEach(place);
  return [...ordered];
}
