/** @typedef {import('./client.js').Client} Client */

/** @param {Client} client @param {number} dataset whose checkpoint is named */
export function statusApi(client, dataset) {
  return {
    /** @returns {Promise<{workers: {interactive: boolean}, checkpoint: {id: number, name: string} | null}>} */
    get: () => client.get(`/api/status/?dataset=${dataset}`),
  };
}
