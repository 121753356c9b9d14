import { decode } from '../geometry/rle.js';

/** @typedef {import('../geometry/bitmap.js').Bitmap} Bitmap */
/** @typedef {import('../geometry/rle.js').Shape} Shape */
/** @typedef {Pick<Shape, 'bbox' | 'counts'>} WireShape */

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

/** @param {WireShape} a @param {WireShape} b @returns {boolean} the same pixels */
export function isSameShape(a, b) {
  return a.counts === b.counts && String(a.bbox) === String(b.bbox);
}

/**
 * @param {{annotations: import('./annotations.js').Annotations}} store @param {string} id
 * @returns {Shape | null} what is shown of a nucleus: the pending shape before the accepted one
 */
export function shapeOf({ annotations }, id) {
  const pending = annotations.pendings.get(id);
  return pending ? pending.shape : (annotations.masks.get(id) ?? null);
}
