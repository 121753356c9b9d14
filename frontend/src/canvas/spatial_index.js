import Flatbush from 'flatbush';

/** @typedef {import('../geometry/bitmap.js').Box} Box */

/**
 * Which rows lie in a part of the image. Rebuilt at the first question after a change.
 * @template {{bbox: Box}} Row
 * @param {() => Row[]} rows
 */
export function createIndex(rows) {
  /** @type {Row[]} */
  let current = [];
  /** @type {Flatbush | null} */
  let tree = null;
  let stale = true;

  function rebuild() {
    stale = false;
    current = rows();
    tree = current.length ? new Flatbush(current.length) : null;
    for (const { bbox } of current) tree?.add(bbox[0], bbox[1], bbox[0] + bbox[2], bbox[1] + bbox[3]);
    tree?.finish();
  }

  return {
    invalidate: () => void (stale = true),
    /** @param {Box} box @returns {Row[]} in the order of the rows */
    search([x, y, w, h]) {
      if (stale) rebuild();
      if (!tree) return [];
      return tree
        .search(x, y, x + w, y + h)
        .sort((a, b) => a - b)
        .map((i) => current[i]);
    },
  };
}
