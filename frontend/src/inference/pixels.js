import { samplesOf } from '../geometry/resampling.js';
import { stretched } from './prompt_window.js';

/** @typedef {import('./prompt_window.js').PromptWindow} PromptWindow */
/** @typedef {import('../geometry/tiling.js').Tile} Tile */

/** @param {ImageBitmap} bitmap the image @returns the windows of it that the decoder looks at */
export function createPixels(bitmap) {
  const canvas = new OffscreenCanvas(1, 1);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    canvas.getContext('2d', { willReadFrequently: true, alpha: false })
  );

  return {
    size: { width: bitmap.width, height: bitmap.height },
    close: () => bitmap.close(),
    /**
     * @param {Tile} tile @param {PromptWindow} window @param {ArrayLike<number>} levels black, white
     * @returns {{data: Float32Array, dims: number[]}} RGB in [0, 1]
     */
    window(tile, { left, top, side }, levels) {
      const columns = samplesOf({ at: tile.x, ...tile }, left, side, bitmap.width);
      const rows = samplesOf({ at: tile.y, ...tile }, top, side, bitmap.height);
      const [x, y] = [Math.min(...columns.at), Math.min(...rows.at)];
      const [width, height] = [Math.max(...columns.at) - x + 1, Math.max(...rows.at) - y + 1];
      if (canvas.width < width || canvas.height < height) {
        canvas.width = Math.max(canvas.width, width);
        canvas.height = Math.max(canvas.height, height);
      }
      context.drawImage(bitmap, x, y, width, height, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      const plane = side * side;
      const shown = stretched(levels);
      const out = new Float32Array(3 * plane);
      for (let j = 0; j < side; j++) {
        for (let i = 0; i < side; i++) {
          for (let c = 0; c < 3; c++) {
            let value = 0;
            for (let b = j * rows.taps; b < (j + 1) * rows.taps; b++) {
              const row = (rows.at[b] - y) * width - x;
              for (let a = i * columns.taps; a < (i + 1) * columns.taps; a++) {
                value += rows.weight[b] * columns.weight[a] * data[4 * (row + columns.at[a]) + c];
              }
            }
            out[c * plane + j * side + i] = shown[Math.floor(value + 0.5)];
          }
        }
      }
      return { data: out, dims: [1, 3, side, side] };
    },
  };
}
