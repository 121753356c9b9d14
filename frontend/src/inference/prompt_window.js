/**
 * What the server's predictor does around its network, for the decoder in the browser: the two must
 * agree, see tests/inference/server_answers.json.
 */
import { blank, crop } from '../geometry/bitmap.js';
import { centreOf } from '../geometry/rectangle.js';
import { partsUnder } from '../geometry/regions.js';
import { meanOf, mirrored, windowIn } from '../geometry/tiling.js';
import { backgroundClick } from './background_click.js';
import { halfValues } from './safetensors.js';

/** @typedef {import('../geometry/bitmap.js').Bitmap} Bitmap */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {import('../geometry/tiling.js').Tile} Tile */
/** @typedef {import('./safetensors.js').Tensor} Tensor */
/** @typedef {{x: number, y: number, positive: boolean}} PromptClick */
/** @typedef {import('../geometry/rectangle.js').Rectangle} Rectangle */
/** @typedef {{clicks: PromptClick[], box?: Rectangle}} Prompt  at least one click or a box, in image pixels */
/**
 * @typedef {{left: number, top: number, x: number, y: number, side: number} & Prompt} PromptWindow
 *   left, top in the tile, x, y in the image; without a box at least one click is negative, with
 *   one its centre is the first
 */

/** A mask that a person drew enters the network as confident, not certain, logits. */
const PRIOR_LOGIT = 4;
/** What the network calls its points. */
const LABELS = { negative: 0n, positive: 1n, boxTopLeft: 2n, boxBottomRight: 3n };
const GRID = 16;

/** @param {Prompt} prompt @returns {Point} where its tile is looked for */
export const placeOf = ({ clicks, box }) => (box ? centreOf(box) : meanOf(clicks));

/** @param {Rectangle | undefined} box @param {number} side @returns {boolean} it may reach out of a window */
export function isTooLarge(box, side) {
  return box !== undefined && Math.max(box[2] - box[0], box[3] - box[1]) > side - GRID;
}

/**
 * @param {Tile} tile @param {Record<string, Tensor>} encoding of the tile
 * @param {Prompt} prompt @param {number} side
 * @returns {PromptWindow}
 */
export function promptWindow(tile, encoding, prompt, side) {
  const { box } = prompt;
  const clicks = box ? [{ ...centreOf(box), positive: true }, ...prompt.clicks] : prompt.clicks;
  const positive = clicks.filter((click) => click.positive);
  const middle = box ? centreOf(box) : meanOf(positive.length ? positive : clicks);
  const { left, top } = windowIn(tile, middle, side);
  const [x, y] = [tile.x + left, tile.y + top];
  const inside = clicks
    .filter((c) => c.x >= x && c.x < x + side && c.y >= y && c.y < y + side)
    .map(({ x, y, positive }) => ({ x, y, positive }));
  if (!box && inside.every((click) => click.positive)) {
    const foreground = cropBytes(encoding.maps, left / 2, top / 2, side / 2);
    const here = inside.map((click) => ({ x: click.x - x, y: click.y - y }));
    const chosen = backgroundClick(foreground, side / 2, here);
    inside.push({ x: x + chosen.x, y: y + chosen.y, positive: false });
  }
  return { left, top, x, y, side, clicks: inside, ...(box && { box }) };
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
 * Which columns (or rows) of the image the window shows: beyond the image's edge, its mirror.
 * @param {number} tileAt @param {number} tileSide @param {number} from in the tile
 * @param {number} side @param {number} imageSize @returns {number[]} of the image
 */
export function shownFrom(tileAt, tileSide, from, side, imageSize) {
  const length = Math.min(tileSide, imageSize - tileAt);
  return Array.from({ length: side }, (_, k) => tileAt + mirrored(from + k, length));
}

/**
 * @param {Bitmap | null} prior @param {PromptWindow} window
 * @returns {Float32Array} logits at a quarter of the resolution; zeros: none
 */
export function priorLogits(prior, { x, y, side }) {
  const size = side / 4;
  const out = new Float32Array(size * size);
  if (!prior) return out;
  const { data } = crop(prior, [x, y, side, side]);
  for (let k = 0; k < data.length; k++) {
    const cell = ((k / side) >> 2) * size + ((k % side) >> 2);
    out[cell] += data[k] / 16;
  }
  return out.map((share) => (2 * share - 1) * PRIOR_LOGIT);
}

/**
 * @param {Float32Array} logits (side/2)² @param {PromptWindow} window
 * @param {number} width @param {number} height of the image
 * @returns {Bitmap} the clicked nucleus, cut at the image's edge
 */
export function maskOf(logits, { x, y, side, clicks }, width, height) {
  const mask = blank(x, y, Math.min(side, width - x), Math.min(side, height - y));
  const size = side / 2;
  for (let j = 0; j < mask.h; j++) {
    const [above, below, v] = between(j, size);
    for (let i = 0; i < mask.w; i++) {
      const [left, right, u] = between(i, size);
      const upper = logits[above * size + left] * (1 - u) + logits[above * size + right] * u;
      const lower = logits[below * size + left] * (1 - u) + logits[below * size + right] * u;
      mask.data[j * mask.w + i] = upper * (1 - v) + lower * v > 0 ? 1 : 0;
    }
  }
  return partsUnder(mask, clicks.filter((click) => click.positive));
}

/**
 * @param {number} at a pixel of the doubled grid @param {number} size of the grid
 * @returns {[number, number, number]} its two neighbours on the grid and the second one's weight
 */
function between(at, size) {
  const place = Math.max(0, Math.min(size - 1, at / 2 - 0.25));
  const first = Math.floor(place);
  return [first, Math.min(first + 1, size - 1), place - first];
}
