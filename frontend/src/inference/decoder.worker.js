/** The thread that decodes: it owns the model, the open image's pixels and its encoded tiles. */
import { encode } from '../geometry/rle.js';
import { covers, meets, nearestTile } from '../geometry/tiling.js';
import { DownloadFailed, download } from './download.js';
import { openWasm, openWebGpu } from './engines.js';
import { createModel } from './model.js';
import { createPixels } from './pixels.js';
import { cropFeature, isTooLarge, maskOf, placeOf, pointsOf, priorLogits, promptWindow } from './prompt_window.js';
import { TileGone, createTiles } from './tiles.js';

/** @typedef {import('../geometry/bitmap.js').Bitmap} Bitmap */
/** @typedef {import('../geometry/bitmap.js').Box} Box */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {import('./tiles.js').RemoteTile} RemoteTile */
/** @typedef {import('./prompt_window.js').Prompt} Prompt */
/**
 * What answers are made of from now on; `afresh` distrusts what the browser keeps of the decoder.
 * @typedef {{
 *   kind: 'scene', checkpoint: number | null, decoder: string, side: number, afresh: boolean,
 *   picture: string, tiles: RemoteTile[], near: Point,
 * }} SceneOrder
 * @typedef {{kind: 'decode', prompt: Prompt, prior: Bitmap | null}} DecodeOrder
 * @typedef {{kind: 'lookAround', box: Box, near: Point}} LookAroundOrder  fetches the tiles that meet the box
 * @typedef {{kind: 'fetch', urls: string[]}} FetchOrder  into the browser's cache, for later
 * @typedef {SceneOrder | DecodeOrder | LookAroundOrder | FetchOrder} Order
 */
/**
 * The answer to the order of the same number. `gone`: ask the server for the encoding again;
 * `passing`: a failure that may be over in a while.
 * @typedef {{
 *   number: number, shape?: import('../geometry/rle.js').Shape | null, score?: number,
 *   checkpoint?: number | null, engine?: import('./model.js').EngineName,
 *   gone?: boolean, passing?: boolean, failure?: string,
 * }} Reply
 */
/** @typedef {SceneOrder & {model: import('./model.js').Model, pixels: ReturnType<typeof createPixels>}} Scene */

/** More than these are not fetched before somebody clicks there. */
const MOST_AROUND = 12;

const tiles = createTiles((url) => download(url));
/** @type {Map<string, Promise<import('./model.js').Model>>} by address */
const models = new Map();
/** @type {Scene | undefined} */
let scene;
/** The decode that is under way: what it uses is not released before it has ended. */
let decoding = Promise.resolve();
let latestScene = 0;
let latestLook = 0;

/** @param {SceneOrder} order @returns {Promise<import('./model.js').Model>} */
function modelOf({ decoder, afresh }) {
  let model = models.get(decoder);
  if (!model) {
    model = loadModel(decoder, afresh);
    models.set(decoder, model);
    model.catch(() => models.delete(decoder));
  }
  return model;
}

/** @param {string} url @param {boolean} afresh */
async function loadModel(url, afresh) {
  const file = await (await download(url, afresh ? { cache: 'reload' } : {})).arrayBuffer();
  return createModel(await openWasm(file), () => openWebGpu(file));
}

/** @param {SceneOrder} order */
async function pixelsOf({ picture }) {
  if (scene?.picture === picture) return scene.pixels;
  // The numbers in the file, as the server reads them: no colour management, no alpha.
  const how = /** @type {const} */ ({ colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  return createPixels(await createImageBitmap(await download(picture), how));
}

const orders = {
  /**
   * All of it or nothing: no click meets the decoder of one checkpoint and the tiles of another.
   * @param {SceneOrder} order
   */
  async scene(order) {
    const mine = ++latestScene;
    const [model, pixels] = await Promise.all([modelOf(order), pixelsOf(order)]);
    if (mine !== latestScene) {
      if (pixels !== scene?.pixels) pixels.close();
      return {};
    }
    const former = scene;
    scene = { ...order, model, pixels };
    if (former) void decoding.then(() => release(former));
    // The one in view is there before somebody clicks on it. That it is gone says nothing about others.
    if (order.tiles.length) await tiles.get(nearestTile(order.tiles, order.near)).catch(() => {});
    return {};
  },

  /** @param {DecodeOrder} order */
  async decode({ prompt, prior }) {
    if (!scene) throw new Error('The decoder is not loaded.');
    const { checkpoint, model, pixels, side, tiles: ready } = scene;
    const place = placeOf(prompt);
    const tile = ready.length ? nearestTile(ready, place) : null;
    if (!tile || !covers(tile, place)) throw new TileGone();
    // The server knows the words for it.
    if (isTooLarge(prompt.box, side, tile.scale)) return { shape: null, checkpoint };
    const encoding = await tiles.get(tile);
    const window = promptWindow(tile, encoding, prompt, side);
    const { points, labels } = pointsOf(window);
    const { logits, score } = await model.run({
      image: pixels.window(tile, window, encoding.levels.data),
      embedding: cropFeature(encoding.embedding, 16, window),
      skip8: cropFeature(encoding.skip8, 8, window),
      skip4: cropFeature(encoding.skip4, 4, window),
      points: { data: Float32Array.from(points), dims: [1, labels.length, 2] },
      labels: { data: BigInt64Array.from(labels), dims: [1, labels.length] },
      prior: { data: priorLogits(prior, window, pixels.size), dims: [1, 1, side / 4, side / 4] },
    });
    return { shape: encode(maskOf(logits, window, pixels.size)), score, checkpoint, engine: model.engine };
  },

  /** @param {LookAroundOrder} order */
  async lookAround({ box, near }) {
    const mine = ++latestLook;
    const left = scene?.tiles.filter((tile) => meets(tile, box)) ?? [];
    for (let k = 0; k < MOST_AROUND && left.length && mine === latestLook; k++) {
      const [tile] = left.splice(left.indexOf(nearestTile(left, near)), 1);
      await tiles.get(tile).catch(() => {});
    }
    return {};
  },

  /** @param {FetchOrder} order */
  async fetch({ urls }) {
    for (const url of urls) await download(url, { priority: 'low' }).catch(() => {});
    return {};
  },
};

/** @param {Scene} former whatever of it the present scene does not use */
function release(former) {
  if (former.pixels !== scene?.pixels) former.pixels.close();
  if (former.model === scene?.model) return;
  models.delete(former.decoder);
  void former.model.release();
}

self.onmessage = async (/** @type {MessageEvent<{number: number, order: Order}>} */ { data: { number, order } }) => {
  /** @type {Promise<Omit<Reply, 'number'>>} */
  const work = orders[order.kind](/** @type {any} */ (order));
  if (order.kind === 'decode') decoding = work.then(() => {}, () => {});
  self.postMessage({ number, ...(await work.catch(failureOf)) });
};

/** @param {any} error @returns {Omit<Reply, 'number'>} */
function failureOf(error) {
  return { gone: error instanceof TileGone, passing: error instanceof DownloadFailed, failure: String(error.message || error) };
}
