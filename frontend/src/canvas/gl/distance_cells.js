import { MARGIN, REACH, signedDistance } from '../../geometry/distance.js';

/** @typedef {import('../../geometry/bitmap.js').Bitmap} Bitmap */
/**
 * A part of a mask: of the image the pixels from (x, y), w×h of them, and how far each is from the
 * mask's border, for MARGIN more pixels on each side.
 * @typedef {{x: number, y: number, w: number, h: number, edges: number, data: Uint8Array}} Cell
 *   edges: bits for left, top, right and bottom, on which the mask has no further part
 */

/** Masks larger than this are cut into parts. */
export const LARGEST = 248;
/** Steps a pixel near the border, where outlines are drawn, and beyond one pixel. */
export const NEAR_STEPS = 64;
export const FAR_STEPS = 63 / (REACH - 1);
export const ZERO = 128;

/** @param {Bitmap} bitmap @returns {Cell[]} */
export function cellsOf(bitmap) {
  const field = signedDistance(bitmap);
  /** @type {Cell[]} */
  const cells = [];
  for (let top = 0; top < bitmap.h; top += LARGEST) {
    for (let left = 0; left < bitmap.w; left += LARGEST) {
      const w = Math.min(LARGEST, bitmap.w - left);
      const h = Math.min(LARGEST, bitmap.h - top);
      const edges =
        (left === 0 ? 1 : 0) | (top === 0 ? 2 : 0) |
        (left + w === bitmap.w ? 4 : 0) | (top + h === bitmap.h ? 8 : 0);
      const data = part(field, left, top, w + 2 * MARGIN, h + 2 * MARGIN);
      const seen = data.some((value) => value > ZERO - 127);
      if (seen) cells.push({ x: bitmap.x + left, y: bitmap.y + top, w, h, edges, data });
    }
  }
  return cells;
}

/**
 * @param {{w: number, data: Float32Array}} field
 * @param {number} left @param {number} top @param {number} w @param {number} h
 */
function part(field, left, top, w, h) {
  const out = new Uint8Array(w * h);
  for (let j = 0; j < h; j++) {
    const from = (top + j) * field.w + left;
    for (let i = 0; i < w; i++) out[j * w + i] = stepsOf(field.data[from + i]);
  }
  return out;
}

/** @param {number} distance in pixels, positive inside */
function stepsOf(distance) {
  const size = Math.abs(distance);
  const steps = size <= 1 ? size * NEAR_STEPS : NEAR_STEPS + (size - 1) * FAR_STEPS;
  return ZERO + Math.round(distance < 0 ? -steps : steps);
}
