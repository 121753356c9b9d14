/** The thread that decodes: it owns the model, the open image's pixels and its encoded tiles. */
import * as ort from 'onnxruntime-web/wasm';
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import mjs from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import { encode } from '../geometry/rle.js';
import { covers, nearestTile } from '../geometry/tiling.js';
import { createPixels } from './pixels.js';
import { cropFeature, isTooLarge, maskOf, placeOf, pointsOf, priorLogits, promptWindow } from './prompt_window.js';
import { TileGone, createTiles } from './tiles.js';

/** @typedef {import('../geometry/rle.js').Shape} Shape */
/** @typedef {import('./tiles.js').RemoteTile} RemoteTile */
/** @typedef {import('./prompt_window.js').Prompt} Prompt */
/**
 * @typedef {{kind: 'model', url: string, side: number}} ModelOrder
 * @typedef {{kind: 'image', url: string}} ImageOrder
 * @typedef {{kind: 'tiles', tiles: RemoteTile[], near: {x: number, y: number}}} TilesOrder
 * @typedef {{kind: 'decode', prompt: Prompt, prior: import('../geometry/bitmap.js').Bitmap | null}} DecodeOrder
 * @typedef {ModelOrder | ImageOrder | TilesOrder | DecodeOrder} Order
 */
/**
 * The answer to the order of the same number. `gone`: ask the server for the encoding again.
 * @typedef {{number: number, shape?: Shape | null, score?: number, gone?: boolean, failure?: string}} Reply
 */
/** @typedef {{data: Float32Array, dims: number[]}} FloatArray */
/** @typedef {Record<string, FloatArray>} Features */

const FEATURES = ['image', 'embedding', 'skip8', 'skip4'];
const MOST_THREADS = 4;
// One core stays free for the page.
const cores = Math.max(1, (navigator.hardwareConcurrency || 1) - 1);
ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(MOST_THREADS, cores) : 1;
ort.env.wasm.wasmPaths = { wasm, mjs };

const tiles = createTiles((url) => fetch(url, { credentials: 'same-origin' }));
/** @type {ort.InferenceSession | undefined} */
let session;
let side = 0;
/** @type {ReturnType<typeof createPixels> | undefined} */
let pixels;
let size = { width: 0, height: 0 };
/** @type {RemoteTile[]} */
let ready = [];

/** @param {string} url @returns {Promise<Response>} */
async function download(url) {
  const response = await fetch(url, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}.`);
  return response;
}

const orders = {
  /** @param {ModelOrder} order */
  async model(order) {
    const file = await (await download(order.url)).arrayBuffer();
    const next = await ort.InferenceSession.create(file, { executionProviders: ['wasm'] });
    await session?.release();
    [session, side] = [next, order.side];
    // The first run is slow, and nobody waits for this one.
    const clicks = [{ x: 0, y: 0, positive: true }];
    await run(blankFeatures(next), { left: 0, top: 0, x: 0, y: 0, side, scale: 1, positives: [], clicks }, null);
    return {};
  },

  /** @param {ImageOrder} order */
  async image(order) {
    pixels?.close();
    pixels = undefined;
    const blob = await (await download(order.url)).blob();
    // The numbers in the file, as the server reads them: no colour management, no alpha.
    const bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
    size = { width: bitmap.width, height: bitmap.height };
    pixels = createPixels(bitmap);
    return {};
  },

  /** @param {TilesOrder} order  the one in view is there before somebody clicks on it */
  async tiles(order) {
    ready = order.tiles;
    if (ready.length) await tiles.get(nearestTile(ready, order.near));
    return {};
  },

  /** @param {DecodeOrder} order */
  async decode({ prompt, prior }) {
    if (!session || !pixels) throw new Error('The decoder is not loaded.');
    const picture = pixels;
    const place = placeOf(prompt);
    const tile = ready.length ? nearestTile(ready, place) : null;
    if (!tile || !covers(tile, place)) throw new TileGone();
    // The server knows the words for it.
    if (isTooLarge(prompt.box, side, tile.scale)) return { shape: null };
    const encoding = await tiles.get(tile);
    const window = promptWindow(tile, encoding, prompt, side);
    const features = {
      image: picture.window(tile, window, encoding.levels.data),
      embedding: cropFeature(encoding.embedding, 16, window),
      skip8: cropFeature(encoding.skip8, 8, window),
      skip4: cropFeature(encoding.skip4, 4, window),
    };
    const { logits, score } = await run(features, window, prior);
    return { shape: encode(maskOf(logits, window, size)), score };
  },
};

/** @param {ort.InferenceSession} model @returns {Features} */
function blankFeatures(model) {
  /** @type {Record<string, FloatArray>} */
  const features = {};
  for (const input of model.inputMetadata) {
    if (!input.isTensor || !FEATURES.includes(input.name)) continue;
    const dims = /** @type {number[]} */ ([...input.shape]);
    features[input.name] = { data: new Float32Array(dims.reduce((a, b) => a * b)), dims };
  }
  return features;
}

/**
 * @param {Features} features @param {import('./prompt_window.js').PromptWindow} window
 * @param {import('../geometry/bitmap.js').Bitmap | null} prior
 */
async function run(features, window, prior) {
  const { points, labels } = pointsOf(window);
  const floats = {
    ...features,
    points: { data: Float32Array.from(points), dims: [1, labels.length, 2] },
    prior: { data: priorLogits(prior, window, size), dims: [1, 1, side / 4, side / 4] },
  };
  /** @type {Record<string, ort.Tensor>} */
  const inputs = { labels: new ort.Tensor('int64', BigInt64Array.from(labels), [1, labels.length]) };
  for (const [name, { data, dims }] of Object.entries(floats)) {
    inputs[name] = new ort.Tensor('float32', data, dims);
  }
  const { logits, score } = await /** @type {ort.InferenceSession} */ (session).run(inputs);
  return { logits: /** @type {Float32Array} */ (logits.data), score: Number(score.data[0]) };
}

/** Orders are carried out one after the other: none meets a model that is being replaced. */
let last = Promise.resolve();
self.onmessage = (/** @type {MessageEvent<{number: number, order: Order}>} */ { data }) => {
  last = last.then(() => carryOut(data));
};

/** @param {{number: number, order: Order}} message */
async function carryOut({ number, order }) {
  /** @type {Reply} */
  let reply;
  try {
    reply = { number, ...(await orders[order.kind](/** @type {any} */ (order))) };
  } catch (error) {
    const gone = error instanceof TileGone;
    reply = { number, gone, failure: String(/** @type {Error} */ (error).message || error) };
  }
  self.postMessage(reply);
}
