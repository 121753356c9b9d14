/**
 * A mask as a crop of the image: pixel (col i, row j) of the crop is image pixel (x+i, y+j).
 * `data` is row-major, h×w bytes, 0 or 1.
 * @typedef {{x: number, y: number, w: number, h: number, data: Uint8Array}} Bitmap
 */

/** @typedef {[number, number, number, number]} Box  x, y, width, height in image pixels */

/**
 * @param {number} x @param {number} y @param {number} w @param {number} h
 * @returns {Bitmap} all background
 */
export function blank(x, y, w, h) {
  return { x, y, w, h, data: new Uint8Array(w * h) };
}

/** @param {Bitmap} bitmap @returns {number} foreground pixels */
export function area(bitmap) {
  let sum = 0;
  for (let i = 0; i < bitmap.data.length; i++) sum += bitmap.data[i];
  return sum;
}

/**
 * @param {Bitmap} bitmap @param {number} col @param {number} row  image pixel indices
 * @returns {boolean}
 */
export function isSet(bitmap, col, row) {
  const i = col - bitmap.x;
  const j = row - bitmap.y;
  return i >= 0 && j >= 0 && i < bitmap.w && j < bitmap.h && bitmap.data[j * bitmap.w + i] === 1;
}

/** @param {Box} a @param {Box} b @returns {Box | null} their overlap, null when they are apart */
export function overlap(a, b) {
  const x = Math.max(a[0], b[0]);
  const y = Math.max(a[1], b[1]);
  const w = Math.min(a[0] + a[2], b[0] + b[2]) - x;
  const h = Math.min(a[1] + a[3], b[1] + b[3]) - y;
  return w > 0 && h > 0 ? [x, y, w, h] : null;
}

/** @param {Box[]} boxes at least one @returns {Box} around all of them */
export function boxAround(boxes) {
  const x = Math.min(...boxes.map((box) => box[0]));
  const y = Math.min(...boxes.map((box) => box[1]));
  const right = Math.max(...boxes.map((box) => box[0] + box[2]));
  const bottom = Math.max(...boxes.map((box) => box[1] + box[3]));
  return [x, y, right - x, bottom - y];
}

/** @param {Bitmap} bitmap @returns {Box} */
export function boxOf(bitmap) {
  return [bitmap.x, bitmap.y, bitmap.w, bitmap.h];
}

/**
 * The same foreground on another crop; pixels outside `box` are dropped.
 * @param {Bitmap} bitmap @param {Box} box @returns {Bitmap}
 */
export function crop(bitmap, box) {
  const out = blank(...box);
  const shared = overlap(boxOf(bitmap), box);
  if (!shared) return out;
  const [x, y, w, h] = shared;
  for (let row = y; row < y + h; row++) {
    const from = (row - bitmap.y) * bitmap.w + (x - bitmap.x);
    out.data.set(bitmap.data.subarray(from, from + w), (row - out.y) * out.w + (x - out.x));
  }
  return out;
}

/** @param {Bitmap} bitmap @returns {Bitmap | null} on its tight box; null when nothing is set */
export function tighten(bitmap) {
  const { w, h, data } = bitmap;
  let left = w;
  let right = -1;
  let top = h;
  let bottom = -1;
  for (let j = 0; j < h; j++) {
    for (let i = 0; i < w; i++) {
      if (!data[j * w + i]) continue;
      if (i < left) left = i;
      if (i > right) right = i;
      if (j < top) top = j;
      bottom = j;
    }
  }
  if (right < 0) return null;
  if (left === 0 && top === 0 && right === w - 1 && bottom === h - 1) return bitmap;
  return crop(bitmap, [bitmap.x + left, bitmap.y + top, right - left + 1, bottom - top + 1]);
}

/** @param {Bitmap} a @param {Bitmap} b @returns {Bitmap} on the box around both */
export function union(a, b) {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  const out = crop(a, [
    x,
    y,
    Math.max(a.x + a.w, b.x + b.w) - x,
    Math.max(a.y + a.h, b.y + b.h) - y,
  ]);
  for (let j = 0; j < b.h; j++) {
    const start = (b.y + j - y) * out.w + (b.x - x);
    for (let i = 0; i < b.w; i++) out.data[start + i] |= b.data[j * b.w + i];
  }
  return out;
}

/** @param {Bitmap} a @param {Bitmap} b @returns {Bitmap} a without b, on a's box */
export function subtract(a, b) {
  const out = { ...a, data: a.data.slice() };
  const shared = overlap(boxOf(a), boxOf(b));
  if (!shared) return out;
  const [x, y, w, h] = shared;
  for (let row = y; row < y + h; row++) {
    for (let col = x; col < x + w; col++) {
      if (b.data[(row - b.y) * b.w + (col - b.x)]) out.data[(row - a.y) * a.w + (col - a.x)] = 0;
    }
  }
  return out;
}

/** @param {Bitmap} a @param {Bitmap} b @returns {number} pixels set in both */
export function intersectionArea(a, b) {
  const shared = overlap(boxOf(a), boxOf(b));
  if (!shared) return 0;
  const [x, y, w, h] = shared;
  let sum = 0;
  for (let row = y; row < y + h; row++) {
    const ra = (row - a.y) * a.w - a.x;
    const rb = (row - b.y) * b.w - b.x;
    for (let col = x; col < x + w; col++) sum += a.data[ra + col] & b.data[rb + col];
  }
  return sum;
}
