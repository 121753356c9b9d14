/** @typedef {import('./client.js').Client} Client */
/**
 * What a browser needs to decode by itself. Tiles are those that are encoded so far; the decoder's
 * address is null until the server has made it. At a scale other than 1 tiles lie on the enlarged image.
 * @typedef {{
 *   checkpoint: number | null, window: number | null, decoder_url: string | null,
 *   scale: number,
 *   tiles: {x: number, y: number, side: number, url: string}[],
 * }} Encoding
 */

/** @param {Client} client */
export function encodingsApi(client) {
  return {
    /**
     * @param {number} image @param {import('../geometry/stroke.js').Point} [near] where somebody
     * looks: tiles there are encoded first @returns {Promise<Encoding>}
     */
    ofImage: (image, near) => {
      const query = near ? `?x=${near.x.toFixed(0)}&y=${near.y.toFixed(0)}` : '';
      return client.get(`/api/images/${image}/encoding/${query}`);
    },
  };
}
