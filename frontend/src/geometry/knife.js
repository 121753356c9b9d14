import { blank, tighten, area } from './bitmap.js';
import { label } from './regions.js';

/** @typedef {import('./bitmap.js').Bitmap} Bitmap */
/** @typedef {import('./stroke.js').Point} Point */

/** Smaller pieces are crumbs of a shaky hand: they stay with the part beside them. */
const LEAST_PART = 4;
/** Nobody draws through the exact centre of a pixel; this keeps it so. */
const OFF_CENTRE = { x: 1.3e-7, y: 0.7e-7 };

/**
 * Splits a mask along a stroke. No pixel is lost: two neighbours are parted where the stroke passes
 * between their centres, and every pixel goes to one part.
 * @param {Bitmap} mask @param {Point[]} path
 * @returns {Bitmap[] | null} the parts, the largest first; null when the stroke does not go through
 */
export function cut(mask, path) {
  const { w, data } = mask;
  const parted = partedBy(mask, path);
  const before = label(data, w, 1).labels;
  const { labels, sizes } = label(data, w, 1, parted);
  /** @type {Map<number, Set<number>>} what was connected → the parts that it is in now */
  const fates = new Map();
  labels.forEach((part, k) => {
    if (part && sizes[part] >= LEAST_PART) fates.set(before[k], (fates.get(before[k]) ?? new Set()).add(part));
  });
  const parts = new Set([...fates.values()].flatMap((fate) => (fate.size > 1 ? [...fate] : [])));
  if (!parts.size) return null;
  const homes = nearestOf(labels, w, parts);
  /** @type {Map<number, Bitmap>} */
  const out = new Map([...parts].map((part) => [part, blank(mask.x, mask.y, w, mask.h)]));
  labels.forEach((part, k) => {
    const home = out.get(/** @type {number} */ (homes.get(part)));
    if (part && home) home.data[k] = 1;
  });
  return [...out.values()].map((part) => /** @type {Bitmap} */ (tighten(part))).sort((a, b) => area(b) - area(a));
}

/**
 * @param {Bitmap} mask @param {Point[]} path
 * @returns {(k: number, l: number) => boolean} whether the stroke passes between two neighbours
 */
function partedBy({ x, y, w, h }, path) {
  const right = new Uint8Array(w * h);
  const below = new Uint8Array(w * h);
  const points = path.map((p) => ({ x: p.x - x + OFF_CENTRE.x, y: p.y - y + OFF_CENTRE.y }));
  for (let k = 1; k < points.length; k++) {
    const [a, b] = [points[k - 1], points[k]];
    for (const [j, at] of crossings(a.y, a.x, b.y, b.x, h)) {
      const i = Math.floor(at - 0.5);
      if (i >= 0 && i < w - 1) right[j * w + i] = 1;
    }
    for (const [i, at] of crossings(a.x, a.y, b.x, b.y, w)) {
      const j = Math.floor(at - 0.5);
      if (j >= 0 && j < h - 1) below[j * w + i] = 1;
    }
  }
  return (k, l) => (Math.abs(k - l) === 1 && w > 1 ? right : below)[Math.min(k, l)] === 1;
}

/**
 * @param {number} from @param {number} u @param {number} to @param {number} v a segment from (from, u) to (to, v)
 * @param {number} count of lines at .5, 1.5, …
 * @returns {[number, number][]} which line it crosses, and where
 */
function crossings(from, u, to, v, count) {
  /** @type {[number, number][]} */
  const out = [];
  const first = Math.max(0, Math.ceil(Math.min(from, to) - 0.5));
  const last = Math.min(count - 1, Math.ceil(Math.max(from, to) - 0.5) - 1);
  for (let k = first; k <= last; k++) out.push([k, u + ((k + 0.5 - from) / (to - from)) * (v - u)]);
  return out;
}

/**
 * @param {Int32Array} labels @param {number} w @param {Set<number>} parts
 * @returns {Map<number, number>} every label → the part that is nearest to it, a part → itself
 */
function nearestOf(labels, w, parts) {
  const owner = labels.map((part) => (parts.has(part) ? part : 0));
  /** @type {Map<number, number>} */
  const homes = new Map([...parts].map((part) => [part, part]));
  let front = [...owner.keys()].filter((k) => owner[k]);
  while (front.length) {
    /** @type {number[]} */
    const next = [];
    for (const k of front) {
      for (const l of [k - 1, k + 1, k - w, k + w]) {
        if (l < 0 || l >= owner.length || owner[l]) continue;
        // In a mask of one column, the pixel before is the one above.
        if (w > 1 && Math.abs(k - l) === 1 && Math.floor(k / w) !== Math.floor(l / w)) continue;
        owner[l] = owner[k];
        if (labels[l] && !homes.has(labels[l])) homes.set(labels[l], owner[k]);
        next.push(l);
      }
    }
    front = next;
  }
  return homes;
}
