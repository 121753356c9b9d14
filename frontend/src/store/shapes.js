import { decode } from '../geometry/rle.js';

/** @typedef {import('../geometry/bitmap.js').Bitmap} Bitmap */

/** @type {WeakMap<object, Bitmap>} rows are never changed in place, so one decoding each is enough */
const decoded = new WeakMap();

/** @param {{bbox: [number, number, number, number], counts: string}} shape @returns {Bitmap} */
export function bitmapOf(shape) {
  let bitmap = decoded.get(shape);
  if (!bitmap) {
    bitmap = decode(shape);
    decoded.set(shape, bitmap);
  }
  return bitmap;
}
