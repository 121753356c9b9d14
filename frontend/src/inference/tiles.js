/** Encoded tiles of the open image, fetched when a click or the view comes near them. */
import { DownloadFailed } from './download.js';
import { parseSafetensors } from './safetensors.js';

/** @typedef {import('./safetensors.js').Tensor} Tensor */
/** @typedef {import('../geometry/tiling.js').Tile & {url: string}} RemoteTile */

/** About 1.6 MB each. */
const KEPT = 24;

/** The server has no such tile any more: its cache let go of it, or another checkpoint answers. */
export class TileGone extends Error {}

/** @param {(url: string) => Promise<Blob>} download */
export function createTiles(download) {
  /** @type {Map<string, Promise<Record<string, Tensor>>>} the least recently used first */
  const kept = new Map();

  /** @param {string} url */
  async function load(url) {
    try {
      return parseSafetensors(await (await download(url)).arrayBuffer());
    } catch (error) {
      const gone = error instanceof DownloadFailed && error.cause === 404;
      throw gone ? new TileGone() : error;
    }
  }

  return {
    /**
     * @param {RemoteTile} tile @returns {Promise<Record<string, Tensor>>} its encoding
     * @throws {TileGone | DownloadFailed | RangeError}
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
