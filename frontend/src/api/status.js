/** @typedef {import('./client.js').Client} Client */

/** @param {Client} client */
export function statusApi(client) {
  return {
    /** @returns {Promise<{workers: {interactive: boolean}, checkpoint: {id: number, name: string} | null}>} */
    get: () => client.get('/api/status/'),
  };
}
