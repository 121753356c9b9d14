import { contains, touchesSegment } from '../geometry/hit_test.js';
import { bitmapOf } from '../store/shapes.js';

/** @typedef {import('../store/store.js').Store} Store */
/** @typedef {import('../store/annotations.js').Mask} Mask */
/** @typedef {import('../store/annotations.js').Pending} Pending */
/** @typedef {import('../store/proposals.js').Proposal} Proposal */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {ReturnType<typeof createPicker>} Picker */

/** What lies where: for the pointer and for drawing only what is in view. @param {Store} store */
export function createPicker({ annotations, proposals, view }) {
  /** @param {import('../geometry/bitmap.js').Box} box */
  const masksIn = (box) => annotations.masksIn(box);
  /** @param {import('../geometry/bitmap.js').Box} box */
  const proposalsIn = (box) => proposals.visibleIn(box, view.get().minScore);

  /**
   * @template {import('../geometry/rle.js').Shape} Row
   * @param {Row[]} rows @param {Point} point @returns {Row | null} the smallest one under the point
   */
  function smallestAt(rows, point) {
    const hits = rows.filter((row) => contains(bitmapOf(row), point));
    return hits.sort((a, b) => a.area - b.area)[0] ?? null;
  }

  return {
    masksIn,
    proposalsIn,
    /** @param {Point} point @returns {Mask | null} */
    maskAt: (point) => smallestAt(masksIn([point.x, point.y, 0, 0]), point),
    /** @param {Point} point @returns {Proposal | null} */
    proposalAt: (point) => smallestAt(proposalsIn([point.x, point.y, 0, 0]), point),
    /** @param {Point} point @returns {Pending | null} */
    pendingAt(point) {
      for (const pending of [...annotations.pendings.values()].reverse()) {
        if (pending.shape && contains(bitmapOf(pending.shape), point)) return pending;
      }
      return null;
    },
    /**
     * @param {Point} a @param {Point} b @param {number} radius
     * @returns {Mask | null} a mask that the brush touches between a and b
     */
    maskTouching(a, b, radius) {
      const x = Math.min(a.x, b.x) - radius;
      const y = Math.min(a.y, b.y) - radius;
      const w = Math.abs(a.x - b.x) + 2 * radius;
      const h = Math.abs(a.y - b.y) + 2 * radius;
      const near = masksIn([x, y, w, h]);
      return near.find((mask) => touchesSegment(bitmapOf(mask), a, b, radius)) ?? null;
    },
  };
}
