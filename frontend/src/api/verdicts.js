/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../store/review.js').Choice} Choice */
/** @typedef {{mask: string, choice: Choice, mask_version: number}} VerdictRow */

/** @param {Client} client */
export function verdictsApi(client) {
  return {
    /** @param {number} image @returns {Promise<VerdictRow[]>} */
    ofImage: (image) => client.get(`/api/images/${image}/verdicts/`),
    /** @param {string} mask @param {number} version that was looked at @param {Choice} choice @returns {Promise<VerdictRow>} */
    judge: (mask, version, choice) => client.put(`/api/masks/${mask}/verdict/`, { version, choice }),
  };
}
