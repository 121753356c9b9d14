/** @typedef {import('./client.js').Client} Client */

/** @param {Client} client */
export function datasetsApi(client) {
  return {
    /** @param {number} id */
    get: (id) => client.get(`/api/datasets/${id}/`),
  };
}
