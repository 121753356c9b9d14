import { contains } from '../geometry/hit_test.js';
import { touchesSegment } from '../geometry/hit_test.js';
import { bitmapOf } from '../store/shapes.js';
import { createIndex } from './spatial_index.js';

/** @typedef {import('../store/store.js').Store} Store */
/** @typedef {import('../store/annotations.js').Mask} Mask */
/** @typedef {import('../store/annotations.js').Pending} Pending */
/** @typedef {import('../store/proposals.js').Proposal} Proposal */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {ReturnType<typeof createPicker>} Picker */

/** What lies where: for the pointer and for drawing only what is in view. @param {Store} store */
export function createPicker({ annotations, proposals, view }) {
  const masks = createIndex(() => [...annotations.masks.values()]);
  const offers = createIndex(() => proposals.visible(view.get().minScore));
  annotations.on(({ patches }) => {
    if (patches.some((patch) => patch.kind === 'mask')) masks.invalidate();
  });
  proposals.on(offers.invalidate);
  view.on((now, before) => {
    if (now.minScore !== before.minScore) offers.invalidate();
  });

  /**
   * @template {import('../geometry/rle.js').Shape} Row
   * @param {Row[]} rows @param {Point} point @returns {Row | null} the smallest one under the point
   */
  function smallestAt(rows, point) {
    const hits = rows.filter((row) => contains(bitmapOf(row), point));
    return hits.sort((a, b) => a.area - b.area)[0] ?? null;
  }

  return {
    masksIn: masks.search,
    proposalsIn: offers.search,
    /** @param {Point} point @returns {Mask | null} */
    maskAt: (point) => smallestAt(masks.search([point.x, point.y, 0, 0]), point),
    /** @param {Point} point @returns {Proposal | null} */
    proposalAt: (point) => smallestAt(offers.search([point.x, point.y, 0, 0]), point),
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
      const near = masks.search([x, y, w, h]);
      return near.find((mask) => touchesSegment(bitmapOf(mask), a, b, radius)) ?? null;
    },
  };
}
