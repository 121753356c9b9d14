/** Encoded tiles of the open image, fetched when a click or the view comes near them. */
import { parseSafetensors } from './safetensors.js';

/** @typedef {import('./safetensors.js').Tensor} Tensor */
/** @typedef {import('../geometry/tiling.js').Tile & {url: string}} RemoteTile */

/** About 1.6 MB each. */
const KEPT = 24;

/** The server has no such tile any more: its cache let go of it, or another checkpoint answers. */
export class TileGone extends Error {}

/** @param {(url: string) => Promise<Response>} request */
export function createTiles(request) {
  /** @type {Map<string, Promise<Record<string, Tensor>>>} the least recently used first */
  const kept = new Map();

  /** @param {string} url */
  async function load(url) {
    const response = await request(url);
    if (response.status === 404) throw new TileGone();
    if (!response.ok) throw new Error(`A tile was answered with ${response.status}.`);
    return parseSafetensors(await response.arrayBuffer());
  }

  return {
    /**
     * @param {RemoteTile} tile @returns {Promise<Record<string, Tensor>>} its encoding
     * @throws {TileGone}
     */
    get({ url }) {
      const encoding = kept.get(url) ?? load(url);
      kept.delete(url);
      kept.set(url, encoding);
      encoding.catch(() => kept.get(url) === encoding && kept.delete(url));
      const [oldest] = kept.keys();
      if (kept.size > KEPT) kept.delete(oldest);
      return encoding;
    },
  };
}
