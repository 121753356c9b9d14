import { shownFrom, stretched } from './prompt_window.js';

/** @typedef {import('./prompt_window.js').PromptWindow} PromptWindow */
/** @typedef {import('../geometry/tiling.js').Tile} Tile */

/** @param {ImageBitmap} bitmap the image @returns the windows of it that the decoder looks at */
export function createPixels(bitmap) {
  const canvas = new OffscreenCanvas(1, 1);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    canvas.getContext('2d', { willReadFrequently: true, alpha: false })
  );

  return {
    close: () => bitmap.close(),
    /**
     * @param {Tile} tile @param {PromptWindow} window @param {ArrayLike<number>} levels black, white
     * @returns {{data: Float32Array, dims: number[]}} RGB in [0, 1]
     */
    window(tile, { left, top, side }, levels) {
      const columns = shownFrom(tile.x, tile.side, left, side, bitmap.width);
      const rows = shownFrom(tile.y, tile.side, top, side, bitmap.height);
      const [x, y] = [Math.min(...columns), Math.min(...rows)];
      const [width, height] = [Math.max(...columns) - x + 1, Math.max(...rows) - y + 1];
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
          const from = 4 * ((rows[j] - y) * width + columns[i] - x);
          for (let c = 0; c < 3; c++) out[c * plane + j * side + i] = shown[data[from + c]];
        }
      }
      return { data: out, dims: [1, 3, side, side] };
    },
  };
}
