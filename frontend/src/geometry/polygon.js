import { blank, tighten } from './bitmap.js';

/** @typedef {import('./bitmap.js').Bitmap} Bitmap */
/** @typedef {import('./stroke.js').Point} Point */

/** @param {Point[]} points @returns {number[]} as a ring: flat [x0, y0, x1, y1, …] */
export function ringOf(points) {
  return points.flatMap(({ x, y }) => [x, y]);
}

/**
 * Every pixel whose centre lies inside the rings, by the non-zero rule: a loop that crosses itself is
 * filled, and a ring that runs the other way round is a hole. Where rings start and, for a single one,
 * which way round it runs make no difference.
 * @param {number[][]} rings closed, the last corner joins the first
 * @param {number} width @param {number} height of the image: cut at its border
 * @returns {Bitmap | null} tight; null when no pixel is inside
 */
export function fillRings(rings, width, height) {
  const box = boundsOf(rings, width, height);
  if (!box) return null;
  const out = blank(...box);
  /** @type {{x: number, turn: number}[][]} */
  const rows = Array.from({ length: out.h }, () => []);
  for (const ring of rings) {
    for (let k = 0; k < ring.length; k += 2) {
      const next = (k + 2) % ring.length;
      cross(rows, out.y, ring[k], ring[k + 1], ring[next], ring[next + 1]);
    }
  }
  rows.forEach((crossings, j) => {
    crossings.sort((a, b) => a.x - b.x);
    let winding = 0;
    let from = 0;
    for (const { x, turn } of crossings) {
      const to = Math.max(0, Math.min(out.w, Math.ceil(x - 0.5) - out.x));
      if (winding) out.data.fill(1, j * out.w + from, j * out.w + Math.max(from, to));
      winding += turn;
      from = to;
    }
  });
  return tighten(out);
}

/**
 * @param {number[][]} rings @param {number} width @param {number} height
 * @returns {import('./bitmap.js').Box | null}
 */
function boundsOf(rings, width, height) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let k = 0; k < ring.length; k += 2) {
      left = Math.min(left, ring[k]);
      right = Math.max(right, ring[k]);
      top = Math.min(top, ring[k + 1]);
      bottom = Math.max(bottom, ring[k + 1]);
    }
  }
  left = Math.max(0, Math.floor(left));
  top = Math.max(0, Math.floor(top));
  right = Math.min(width, Math.ceil(right));
  bottom = Math.min(height, Math.ceil(bottom));
  return right > left && bottom > top ? [left, top, right - left, bottom - top] : null;
}

/**
 * Notes where the edge from (x0, y0) to (x1, y1) crosses the middles of rows.
 * @param {{x: number, turn: number}[][]} rows written to @param {number} first row of the image
 * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1
 */
function cross(rows, first, x0, y0, x1, y1) {
  const turn = Math.sign(y1 - y0);
  // Always from above to below: the same edge walked backwards must cross at the very same place.
  if (turn < 0) [x0, y0, x1, y1] = [x1, y1, x0, y0];
  const from = Math.max(0, Math.ceil(y0 - 0.5) - first);
  const to = Math.min(rows.length, Math.ceil(y1 - 0.5) - first);
  for (let j = from; j < to; j++) {
    const share = (first + j + 0.5 - y0) / (y1 - y0);
    rows[j].push({ x: x0 + share * (x1 - x0), turn });
  }
}
