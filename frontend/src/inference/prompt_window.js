/**
 * What the server's predictor does around its network, for the decoder in the browser: the two must
 * agree, see tests/inference/server_answers.json.
 */
import { blank, isSet } from '../geometry/bitmap.js';
import { centreOf } from '../geometry/rectangle.js';
import { partsUnder } from '../geometry/regions.js';
import { samplesOf } from '../geometry/resampling.js';
import { meanOf, windowIn } from '../geometry/tiling.js';
import { backgroundClick } from './background_click.js';
import { halfValues } from './safetensors.js';

/** @typedef {import('../geometry/bitmap.js').Bitmap} Bitmap */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {import('../geometry/tiling.js').Tile} Tile */
/** @typedef {import('./safetensors.js').Tensor} Tensor */
/** @typedef {{x: number, y: number, positive: boolean}} PromptClick */
/** @typedef {import('../geometry/rectangle.js').Rectangle} Rectangle */
/** @typedef {import('../geometry/resampling.js').Samples} Samples */
/** @typedef {{clicks: PromptClick[], box?: Rectangle}} Prompt  at least one click or a box, in image pixels */
/**
 * @typedef {Tile & {left: number, top: number, positives: Point[]} & Prompt} PromptWindow
 *   where it lies in the tile (left, top) and on the enlarged image, to whose pixels clicks and box
 *   refer; without a box at least one click is negative, with one its centre is the first;
 *   positives: where the nucleus is, in image pixels
 */
/** @typedef {{width: number, height: number}} Size  of the image, in its pixels */

/** A mask that a person drew enters the network as confident, not certain, logits. */
const PRIOR_LOGIT = 4;
/** What the network calls its points. */
const LABELS = { negative: 0n, positive: 1n, boxTopLeft: 2n, boxBottomRight: 3n };
const GRID = 16;

/** @param {Prompt} prompt @returns {Point} where its tile is looked for */
export const placeOf = ({ clicks, box }) => (box ? centreOf(box) : meanOf(clicks));

/** @param {Rectangle | undefined} box @param {number} side @param {number} scale @returns {boolean} it may reach out of a window */
export function isTooLarge(box, side, scale) {
  return box !== undefined && Math.max(box[2] - box[0], box[3] - box[1]) > Math.floor((side - GRID) / scale);
}

/**
 * @param {Tile} tile @param {Record<string, Tensor>} encoding of the tile
 * @param {Prompt} prompt @param {number} side
 * @returns {PromptWindow}
 */
export function promptWindow(tile, encoding, prompt, side) {
  const { scale } = tile;
  const given = prompt.box ? [{ ...centreOf(prompt.box), positive: true }, ...prompt.clicks] : prompt.clicks;
  const box = prompt.box && /** @type {Rectangle} */ (prompt.box.map((edge) => edge * scale));
  const clicks = given.map(({ x, y, positive }) => ({ x: x * scale, y: y * scale, positive }));
  const positive = clicks.filter((click) => click.positive);
  const middle = box ? clicks[0] : meanOf(positive.length ? positive : clicks);
  const { left, top } = windowIn(tile, middle, side);
  const [x, y] = [tile.x + left, tile.y + top];
  const inside = clicks.filter((c) => c.x >= x && c.x < x + side && c.y >= y && c.y < y + side);
  if (!box && inside.every((click) => click.positive)) {
    const foreground = cropBytes(encoding.maps, left / 2, top / 2, side / 2);
    const here = inside.map((click) => ({ x: click.x - x, y: click.y - y }));
    const chosen = backgroundClick(foreground, side / 2, here);
    inside.push({ x: x + chosen.x, y: y + chosen.y, positive: false });
  }
  const positives = given.filter((click) => click.positive);
  return { left, top, x, y, side, scale, positives, clicks: inside, ...(box && { box }) };
}

/** @param {PromptWindow} window @returns {{points: number[], labels: bigint[]}} as the network takes them */
export function pointsOf({ x, y, clicks, box }) {
  const points = clicks.flatMap((click) => [click.x - x, click.y - y]);
  const labels = clicks.map((click) => (click.positive ? LABELS.positive : LABELS.negative));
  if (box) {
    points.push(box[0] - x, box[1] - y, box[2] - x, box[3] - y);
    labels.push(LABELS.boxTopLeft, LABELS.boxBottomRight);
  }
  return { points, labels };
}

/** @param {Tensor} maps @param {number} x @param {number} y @param {number} size @returns {Uint8Array} of the first map */
function cropBytes({ shape: [, , width], data }, x, y, size) {
  const out = new Uint8Array(size * size);
  for (let j = 0; j < size; j++) {
    const from = (y + j) * width + x;
    out.set(data.subarray(from, from + size), j * size);
  }
  return out;
}

/**
 * @param {Tensor} feature of a tile, channels×rows×columns half precision @param {number} stride
 * @param {PromptWindow} window @returns {{data: Float32Array, dims: number[]}} with a batch axis
 */
export function cropFeature({ shape: [channels, rows, columns], data }, stride, window) {
  const size = window.side / stride;
  const [x, y] = [window.left / stride, window.top / stride];
  const values = halfValues();
  const out = new Float32Array(channels * size * size);
  let to = 0;
  for (let c = 0; c < channels; c++) {
    for (let j = y; j < y + size; j++) {
      let from = (c * rows + j) * columns + x;
      for (let i = 0; i < size; i++) out[to++] = values[data[from++]];
    }
  }
  return { data: out, dims: [1, channels, size, size] };
}

/**
 * @param {ArrayLike<number>} levels the image's black and white, in [0, 255]
 * @returns {Float32Array} what each of the 256 values becomes, in [0, 1]
 */
export function stretched(levels) {
  const [black, white] = [levels[0], levels[1]];
  const gain = 255 / Math.max(white - black, 1);
  return Float32Array.from({ length: 256 }, (_, value) => {
    const level = Math.max(0, Math.min(255, (value - black) * gain));
    return Math.floor(level + 0.5) / 255;
  });
}

/**
 * @param {Bitmap | null} prior @param {PromptWindow} window @param {Size} image
 * @returns {Float32Array} logits at a quarter of the window's resolution; zeros: none
 */
export function priorLogits(prior, window, image) {
  const { side } = window;
  const size = side / 4;
  const out = new Float32Array(size * size);
  if (!prior) return out;
  const columns = samplesOf({ at: window.x, ...window }, 0, side, image.width);
  const rows = samplesOf({ at: window.y, ...window }, 0, side, image.height);
  for (let j = 0; j < rows.length; j++) {
    for (let i = 0; i < columns.length; i++) {
      out[(j >> 2) * size + (i >> 2)] += shareOf(prior, columns, i, rows, j) / 16;
    }
  }
  return out.map((share) => (2 * share - 1) * PRIOR_LOGIT);
}

/**
 * @param {Bitmap} mask @param {Samples} columns @param {number} i @param {Samples} rows @param {number} j
 * @returns {number} how much of a place of the enlarged image the mask takes, in [0, 1]
 */
function shareOf(mask, columns, i, rows, j) {
  let share = 0;
  for (let b = j * rows.taps; b < (j + 1) * rows.taps; b++) {
    for (let a = i * columns.taps; a < (i + 1) * columns.taps; a++) {
      if (isSet(mask, columns.at[a], rows.at[b])) share += rows.weight[b] * columns.weight[a];
    }
  }
  return share;
}

/**
 * @param {Float32Array} logits (side/2)² @param {PromptWindow} window @param {Size} image
 * @returns {Bitmap} the clicked nucleus in image pixels, cut at the image's edge
 */
export function maskOf(logits, { x, y, side, scale, positives }, image) {
  const [left, top] = [Math.ceil(x / scale), Math.ceil(y / scale)];
  const [right, bottom] = [(x + side) / scale, (y + side) / scale].map(Math.floor);
  const mask = blank(left, top, Math.min(right, image.width) - left, Math.min(bottom, image.height) - top);
  const full = doubled(logits, side / 2);
  // From pixel centres of the image to pixel centres of the window.
  const across = Array.from({ length: mask.w }, (_, i) => neighbours((left + i + 0.5) * scale - x - 0.5, side));
  const down = Array.from({ length: mask.h }, (_, j) => neighbours((top + j + 0.5) * scale - y - 0.5, side));
  for (let j = 0; j < mask.h; j++) {
    for (let i = 0; i < mask.w; i++) {
      mask.data[j * mask.w + i] = interpolated(full, side, across[i], down[j]) > 0 ? 1 : 0;
    }
  }
  return partsUnder(mask, positives);
}

/** @param {Float32Array} values size² @param {number} size @returns {Float32Array} (2 size)² */
function doubled(values, size) {
  const out = new Float32Array(4 * size * size);
  const places = Array.from({ length: 2 * size }, (_, k) => neighbours(k / 2 - 0.25, size));
  for (let k = 0; k < out.length; k++) {
    out[k] = interpolated(values, size, places[k % (2 * size)], places[Math.floor(k / (2 * size))]);
  }
  return out;
}

/** @typedef {[number, number, number]} Neighbours  two places of a grid and the second one's weight */

/** @param {number} place @param {number} size of the grid @returns {Neighbours} */
function neighbours(place, size) {
  const inside = Math.max(0, Math.min(size - 1, place));
  const first = Math.floor(inside);
  return [first, Math.min(first + 1, size - 1), inside - first];
}

/** @param {Float32Array} values @param {number} size @param {Neighbours} across @param {Neighbours} down */
function interpolated(values, size, [left, right, u], [above, below, v]) {
  const upper = values[above * size + left] * (1 - u) + values[above * size + right] * u;
  const lower = values[below * size + left] * (1 - u) + values[below * size + right] * u;
  return upper * (1 - v) + lower * v;
}
