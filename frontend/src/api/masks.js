import { relative } from './images.js';

/** @typedef {import('./client.js').Client} Client */

/** @param {Client} client */
export function masksApi(client) {
  return {
    /** @param {number} image @returns {Promise<any[]>} every mask of the image */
    async ofImage(image) {
      const masks = [];
      /** @type {string | null} */
      let path = `/api/masks/?image=${image}`;
      while (path) {
        /** @type {{results: any[], next: string | null}} */
        const page = await client.get(path);
        masks.push(...page.results);
        path = page.next && relative(page.next);
      }
      return masks;
    },
    /** @param {string} id */
    get: (id) => client.get(`/api/masks/${id}/`),
    /** @param {string} id @param {object} row with the version it changes, 0 to create */
    put: (id, row) => client.put(`/api/masks/${id}/`, row),
    /** @param {string} id @param {number} version */
    delete: (id, version) => client.delete(`/api/masks/${id}/?version=${version}`),
  };
}
