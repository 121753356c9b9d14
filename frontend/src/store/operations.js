/** What can be done to the selected masks, or else to the pending one. Each call is one step to undo. */
import { boxAround, union } from '../geometry/bitmap.js';
import { clampShift } from '../geometry/morphology.js';
import { countParts } from '../geometry/regions.js';
import { encode } from '../geometry/rle.js';
import { patchMask, patchPending } from './annotations.js';
import { edit, me } from './edit.js';
import { activePending, select, selectedMasks } from './focus.js';
import { bitmapOf } from './shapes.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./annotations.js').Mask} Mask */
/** @typedef {import('./annotations.js').Pending} Pending */
/** @typedef {import('./annotations.js').Patch} Patch */
/** @typedef {import('../geometry/bitmap.js').Bitmap} Bitmap */
/** @typedef {import('../geometry/rle.js').Shape} Shape */
/** @typedef {import('../geometry/morphology.js').Size} Size */

/** Between a copy and what it was copied from. */
const GAP = 2;

/**
 * @param {Store} store
 * @returns {{id: string, shape: Shape, patch: (shape: Shape) => Patch}[]} what an operation is about
 */
export function targets(store) {
  const masks = selectedMasks(store);
  if (masks.length) return masks.map((mask) => ({ id: mask.id, shape: mask, patch: (shape) => reshapedMask(mask, shape) }));
  const pending = activePending(store);
  if (!pending?.shape) return [];
  return [{ id: pending.id, shape: pending.shape, patch: (shape) => reshapedPending(pending, shape) }];
}

/** @param {Mask} mask @param {Shape} shape that a person gave it @returns {Patch} */
export function reshapedMask(mask, shape) {
  const origin = mask.origin === 'drawn' ? 'drawn' : 'fixed';
  return patchMask(mask, { ...mask, ...shape, origin });
}

/** @param {Pending} pending @param {Shape} shape that a person gave it @returns {Patch} */
export function reshapedPending(pending, shape) {
  return patchPending(pending, {
    ...pending, shape, status: 'ready', edited: true, error: '', provisional: false,
  });
}

/**
 * @param {Store} store @param {(mask: Bitmap, image: Size) => Bitmap} change
 * @returns {{of: number, changed: number, lost: number}} lost: nothing would be left, so they stay
 */
export function reshape(store, change) {
  const { image } = store.session.get();
  const rows = image ? targets(store) : [];
  /** @type {Patch[]} */
  const patches = [];
  let lost = 0;
  for (const { shape, patch } of rows) {
    const after = encode(change(bitmapOf(shape), /** @type {Size} */ (image)));
    if (!after) lost += 1;
    else if (after.counts !== shape.counts || String(after.bbox) !== String(shape.bbox)) patches.push(patch(after));
  }
  const done = edit(store, patches);
  return { of: rows.length, changed: done ? patches.length : 0, lost };
}

/**
 * All selected become the one that was selected first.
 * @param {Store} store @returns {{of: number, parts: number}} parts: 0 when there was nothing to merge
 */
export function merge(store) {
  const masks = selectedMasks(store);
  if (masks.length < 2) return { of: masks.length, parts: 0 };
  const [first, ...others] = masks;
  const merged = masks.map(bitmapOf).reduce((a, b) => union(a, b));
  const label_class = first.label_class ?? others.find((mask) => mask.label_class !== null)?.label_class ?? null;
  const shape = /** @type {Shape} */ (encode(merged));
  /** @type {Mask} */
  const after = {
    ...first, ...shape, label_class, origin: masks.every(({ origin }) => origin === 'drawn') ? 'drawn' : 'fixed',
  };
  const done = edit(store, [...others.map((mask) => patchMask(mask, null)), patchMask(first, after)]);
  if (done) select(store, [first.id]);
  return { of: masks.length, parts: done ? countParts(merged) : 0 };
}

/** @param {Store} store @param {number} dx @param {number} dy @returns {[number, number]} how far they can go together */
export function possibleShift(store, dx, dy) {
  const { image } = store.session.get();
  const rows = image ? targets(store) : [];
  if (!image || !rows.length) return [0, 0];
  return clampShift(boxAround(rows.map(({ shape }) => shape.bbox)), dx, dy, image);
}

/**
 * @param {Store} store @param {number} dx @param {number} dy pixels, less at the image's border
 * @returns {boolean} whether anything moved
 */
export function move(store, dx, dy) {
  const [x, y] = possibleShift(store, dx, dy);
  if (!x && !y) return false;
  return edit(store, targets(store).map(({ shape, patch }) => patch(shifted(shape, x, y))));
}

/** @param {Shape} shape @param {number} dx @param {number} dy @returns {Shape} */
function shifted({ bbox: [x, y, w, h], counts, area }, dx, dy) {
  return { bbox: [x + dx, y + dy, w, h], counts, area };
}

/**
 * Copies beside what is selected, which are selected then.
 * @param {Store} store @returns {number} of copies
 */
export function duplicate(store) {
  const masks = selectedMasks(store);
  const { image } = store.session.get();
  if (!image || !masks.length) return 0;
  const box = boxAround(masks.map((mask) => mask.bbox));
  const [dx, dy] = beside(box, image);
  const copies = masks.map(
    (mask) => /** @type {Mask} */ ({ ...mask, ...shifted(mask, dx, dy), id: crypto.randomUUID(), origin: 'drawn', prediction: null, score: null, author: me(store), question: undefined }),
  );
  if (!edit(store, copies.map((copy) => patchMask(null, copy)))) return 0;
  const made = copies.filter(({ id }) => store.annotations.masks.has(id));
  select(store, made.map(({ id }) => id));
  return made.length;
}

/** @param {import('../geometry/bitmap.js').Box} box @param {Size} image @returns {[number, number]} */
function beside(box, image) {
  const [, , w, h] = box;
  const ways = /** @type {[number, number][]} */ ([[w + GAP, 0], [-w - GAP, 0], [0, h + GAP], [0, -h - GAP]]);
  const whole = ways.find(([dx, dy]) => String(clampShift(box, dx, dy, image)) === String([dx, dy]));
  return whole ?? clampShift(box, GAP, GAP, image);
}
