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
    /** @param {number} image @returns {Promise<Encoding>} */
    ofImage: (image) => client.get(`/api/images/${image}/encoding/`),
  };
}
