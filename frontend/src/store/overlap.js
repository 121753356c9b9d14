/**
 * No two masks share a pixel where the dataset says so. The server keeps the same rule
 * (annotations/services/overlap.py); both are tested with tests/overlap_cases.json.
 */
import { overlap, subtract } from '../geometry/bitmap.js';
import { BoxIndex } from '../geometry/box_index.js';
import { encode } from '../geometry/rle.js';
import { patchMask } from './annotations.js';
import { departuresFirst } from './patch_order.js';
import { bitmapOf } from './shapes.js';

/** @typedef {import('./annotations.js').Mask} Mask */
/** @typedef {import('./annotations.js').Annotations} Annotations */
/** @typedef {import('./annotations.js').Patch} Patch */
/** @typedef {import('./annotations.js').MaskPatch} MaskPatch */
/** @typedef {import('../geometry/bitmap.js').Box} Box */
/**
 * The newer one is the mask that is being written, however old the nucleus is.
 * @typedef {'allow' | 'newer_yields' | 'newer_wins'} OverlapRule
 */

/**
 * @param {Patch[]} patches of one change @param {Pick<Annotations, 'masks' | 'masksIn'>} annotations before it
 * @param {OverlapRule} rule
 * @returns {{patches: Patch[], covered: number}} what may be done: a new mask that others cover
 *   is left out, and nothing is done when a mask would be lost that was there before
 */
export function withoutOverlaps(patches, annotations, rule) {
  if (rule === 'allow' || !patches.some(isNewShape)) return { patches, covered: 0 };
  const now = new Outcome(annotations);
  for (const patch of patches) {
    if (patch.kind === 'mask') now.set(patch.id, isNewShape(patch) ? null : patch.after);
  }
  const changed = new Set(patches.map(({ id }) => id));
  const covered = new Set();
  for (const patch of patches) {
    if (patch.kind !== 'mask' || !isNewShape(patch)) continue;
    const mask = /** @type {Mask} */ (patch.after);
    const others = now.near(mask.bbox);
    const left = rule === 'newer_yields' ? without(mask, others) : mask;
    if (!left && patch.before) return { patches: [], covered: 1 };
    if (!left) covered.add(patch.id);
    else if (rule === 'newer_wins') for (const other of others) now.set(other.id, without(other, [left]));
    now.set(patch.id, left);
  }
  const before = (/** @type {string} */ id) => annotations.masks.get(id) ?? null;
  const cut = [...now.masks].filter(([id]) => !changed.has(id)).map(([id, after]) => patchMask(before(id), after));
  const rest = patches
    .filter(({ id }) => !covered.has(id))
    .map((patch) => (patch.kind === 'mask' ? patchMask(patch.before, now.masks.get(patch.id) ?? null) : patch));
  const done = [...cut.filter(isChange), ...rest.filter((patch) => patch.before || patch.after)];
  return { patches: departuresFirst(done), covered: covered.size };
}

/**
 * @param {Patch} patch
 * @returns {boolean} the rule is about it: not a class, nor a copy that waits for somebody's decision
 */
function isNewShape(patch) {
  if (patch.kind !== 'mask' || !patch.after || patch.after.conflict_with) return false;
  const { before, after } = patch;
  return !before || !!before.conflict_with || before.counts !== after.counts || String(before.bbox) !== String(after.bbox);
}

/** @param {MaskPatch} patch */
const isChange = ({ before, after }) => before !== after;

/** What the change makes of the image, as far as it has been looked at. */
class Outcome {
  /** @type {Map<string, Mask | null>} what differs from before; what is yet to come is null */
  masks = new Map();
  /** @type {BoxIndex<Mask>} */
  #places = new BoxIndex();
  #annotations;

  /** @param {Pick<Annotations, 'masksIn'>} annotations before the change */
  constructor(annotations) {
    this.#annotations = annotations;
  }

  /** @param {string} id @param {Mask | null} mask */
  set(id, mask) {
    this.masks.set(id, mask);
    if (mask) this.#places.set(id, mask);
    else this.#places.delete(id);
  }

  /** @param {Box} box @returns {Mask[]} that the rule is about and whose boxes share a pixel with it */
  near(box) {
    const others = this.#annotations.masksIn(box).filter((mask) => !this.masks.has(mask.id));
    return [...others, ...this.#places.search(box)].filter((mask) => !mask.conflict_with && overlap(box, mask.bbox));
  }
}

/** @param {Mask} mask @param {Mask[]} others @returns {Mask | null} the same object when they are apart */
function without(mask, others) {
  const left = others.reduce((rest, other) => subtract(rest, bitmapOf(other)), bitmapOf(mask));
  const shape = encode(left);
  if (!shape || shape.area === mask.area) return shape && mask;
  return { ...mask, ...shape };
}
