import { relative } from './images.js';

/** @typedef {import('./client.js').Client} Client */
/** @typedef {[number, number, number, number]} Box  x, y, width, height in image pixels */
/** @typedef {{results: any[], next: string | null}} Page */
/**
 * @typedef {{
 *   id: string, version: number | null, mask: any,
 *   error: {status: number, code: string, detail: string, current?: any} | null,
 * }} Outcome
 */

/** @param {Client} client */
export function masksApi(client) {
  return {
    /**
     * A page of an image's masks, never a megabyte.
     * @param {number} image
     * @param {{box?: Box, next?: string | null}} [of] only those that meet the box; the address of the page
     * @returns {Promise<Page>}
     */
    page(image, { box, next } = {}) {
      if (next) return client.get(relative(next));
      return client.get(`/api/masks/?image=${image}${box ? `&bbox=${box.join()}` : ''}`);
    },
    /** @param {string} id */
    get: (id) => client.get(`/api/masks/${id}/`),
    /** @param {string} id @param {object} row with the version it changes, 0 to create */
    put: (id, row) => client.put(`/api/masks/${id}/`, row),
    /** @param {string} id @param {number} version @param {string} revision that names this write */
    delete: (id, version, revision) => client.delete(`/api/masks/${id}/?version=${version}&revision=${revision}`),
    /**
     * Several writes in their order, in one request. A row is there only where the server made something else of it.
     * @param {number} image
     * @param {object[]} writes each with id, version and revision, and either `delete` or what changes
     * @returns {Promise<{results: Outcome[]}>}
     */
    batch: (image, writes) => client.post('/api/masks/batch/', { image, writes }),
  };
}
