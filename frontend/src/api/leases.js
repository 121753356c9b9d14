/** @typedef {import('./client.js').Client} Client */
/** @typedef {{tab: string, user: number, name: string, since: string}} Lease */
/** @typedef {{known: boolean, lease: Lease | null}} LeaseState  known: false when nobody can say */

/** @param {Client} client */
export function leasesApi(client) {
  const path = (/** @type {number} */ image) => `/api/images/${image}/lease/`;
  return {
    /** @param {number} image @returns {Promise<LeaseState>} */
    look: (image) => client.get(path(image)),
    /** Gets or prolongs it, unless another page has it. @param {number} image @param {string} tab @param {boolean} take also from a page of one's own @returns {Promise<LeaseState>} */
    hold: (image, tab, take) => client.put(path(image), { tab, take }),
    /** @param {number} image @param {string} tab */
    release: (image, tab) => client.delete(`${path(image)}?tab=${tab}`, { keepalive: true }),
    /** Tells its holder that somebody would like it. @param {number} image */
    ask: (image) => client.post(path(image), {}),
  };
}
