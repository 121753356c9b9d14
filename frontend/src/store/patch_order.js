import { intersectionArea, subtract } from '../geometry/bitmap.js';
import { BoxIndex } from '../geometry/box_index.js';
import { encode } from '../geometry/rle.js';
import { patchMask } from './annotations.js';
import { bitmapOf } from './shapes.js';

/** @typedef {import('./annotations.js').Mask} Mask */
/** @typedef {import('./annotations.js').MaskPatch} MaskPatch */
/** @typedef {import('./annotations.js').Patch} Patch */

/**
 * The server hears of one mask after the other and keeps the rule on overlaps each time: so nothing
 * goes where another one has yet to leave. Masks that wait for each other in a circle leave in two
 * steps. Undone backwards, the same holds.
 * @param {Patch[]} patches of one change, after which no two masks overlap @returns {Patch[]}
 */
export function departuresFirst(patches) {
  /** @type {BoxIndex<{bbox: Mask['bbox'], patch: MaskPatch}>} */
  const leaving = new BoxIndex();
  for (const patch of patches) {
    if (patch.kind === 'mask' && patch.before) leaving.set(patch.id, { bbox: patch.before.bbox, patch });
  }
  /** @type {Patch[]} */
  const ordered = [];
  const [begun, placed] = [new Set(), new Set()];
  /** @type {Map<string, Mask | null>} what is left of masks that are on their way */
  const halfway = new Map();

  /** @param {Patch} patch */
  function place(patch) {
    if (begun.has(patch)) return;
    begun.add(patch);
    if (patch.kind === 'mask' && patch.after) clear(patch, patch.after);
    placed.add(patch);
    ordered.push(patch.kind === 'mask' ? patchMask(halfwayOf(patch), patch.after) : patch);
  }

  /** @param {MaskPatch} patch @returns {Mask | null} */
  const halfwayOf = ({ id, before }) => (halfway.has(id) ? (halfway.get(id) ?? null) : before);

  /** @param {MaskPatch} patch @param {Mask} mask  where it goes */
  function clear(patch, mask) {
    const pixels = bitmapOf(mask);
    for (const { patch: other } of leaving.search(mask.bbox)) {
      const there = other === patch || placed.has(other) ? null : halfwayOf(other);
      if (!there || !intersectionArea(pixels, bitmapOf(there))) continue;
      if (begun.has(other)) {
        const shape = encode(subtract(bitmapOf(there), pixels));
        const rest = shape && { ...there, ...shape };
        ordered.push(patchMask(there, rest));
        halfway.set(other.id, rest);
      } else place(other);
    }
  }

  patches.forEach(place);
  return ordered;
}
