/** Masks made a little larger, smaller or rounder. The image's border is nobody's edge. */
import { blank, crop } from './bitmap.js';

/** @typedef {import('./bitmap.js').Bitmap} Bitmap */
/** @typedef {{width: number, height: number}} Size  of the image */

const CROSS = [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]];
/** The pixels whose centres are within two pixels. */
const DISC = [-2, -1, 0, 1, 2].flatMap((dy) =>
  [-2, -1, 0, 1, 2].filter((dx) => dx * dx + dy * dy <= 4).map((dx) => [dx, dy]),
);

/** @param {Bitmap} mask @param {Size} image @returns {Bitmap} with the pixels that it touches */
export const grow = (mask, image) => filter(mask, image, CROSS, (set) => set > 0);

/** @param {Bitmap} mask @param {Size} image @returns {Bitmap} without its outermost pixels, perhaps empty */
export const shrink = (mask, image) => filter(mask, image, CROSS, (set, all) => set === all);

/** @param {Bitmap} mask @param {Size} image @returns {Bitmap} each pixel as most around it are */
export const smooth = (mask, image) => filter(mask, image, DISC, (set, all) => 2 * set > all);

/**
 * @param {Bitmap} mask @param {Size} image @param {number[][]} around offsets
 * @param {(set: number, all: number) => boolean} keep  all: how many of them lie in the image
 * @returns {Bitmap} on a box that is two pixels wider where the image is
 */
function filter(mask, { width, height }, around, keep) {
  const left = Math.max(0, mask.x - 2);
  const top = Math.max(0, mask.y - 2);
  const right = Math.min(width, mask.x + mask.w + 2);
  const bottom = Math.min(height, mask.y + mask.h + 2);
  const out = blank(left, top, right - left, bottom - top);
  const { w, h, data: from } = crop(mask, [left, top, out.w, out.h]);
  for (let j = 0; j < h; j++) {
    for (let i = 0; i < w; i++) {
      let set = 0;
      let all = 0;
      for (const [dx, dy] of around) {
        const [x, y] = [left + i + dx, top + j + dy];
        if (x < 0 || y < 0 || x >= width || y >= height) continue;
        all += 1;
        if (x >= left && y >= top && x < right && y < bottom) set += from[(j + dy) * w + i + dx];
      }
      out.data[j * w + i] = keep(set, all) ? 1 : 0;
    }
  }
  return out;
}

/**
 * How far a box can go towards where it should, within the image.
 * @param {import('./bitmap.js').Box} box @param {number} dx @param {number} dy @param {Size} image
 * @returns {[number, number]} whole pixels
 */
export function clampShift([x, y, w, h], dx, dy, { width, height }) {
  return [
    Math.max(-x, Math.min(width - x - w, Math.round(dx))),
    Math.max(-y, Math.min(height - y - h, Math.round(dy))),
  ];
}
