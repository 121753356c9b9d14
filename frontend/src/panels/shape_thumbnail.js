/** A small picture of one nucleus's shape. */
import { bitmapOf } from '../store/shapes.js';
import { element } from './element.js';

/** Twice the size at which it is shown, for sharp screens. */
const SIDE = 64;
const MARGIN = 6;

/** @param {import('../geometry/rle.js').Shape} shape @param {string} color */
export function shapeThumbnail(shape, color) {
  const canvas = element('canvas', { class: 'shape-thumbnail', width: SIDE, height: SIDE, 'aria-hidden': 'true' });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const { w, h, data } = bitmapOf(shape);
  const pixel = (SIDE - 2 * MARGIN) / Math.max(w, h);
  const [left, top] = [(SIDE - w * pixel) / 2, (SIDE - h * pixel) / 2];
  context.fillStyle = color;
  for (let j = 0; j < h; j++) {
    for (let i = 0; i < w; i++) {
      // A little larger than a pixel, so that no seams show between them.
      if (data[j * w + i]) context.fillRect(left + i * pixel, top + j * pixel, pixel + 0.5, pixel + 0.5);
    }
  }
  return canvas;
}
