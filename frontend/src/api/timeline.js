/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../store/timeline.js').Told} Told */

/** @param {Client} client */
export function timelineApi(client) {
  return {
    /**
     * A page of what happened, the newest first.
     * @param {number} image
     * @param {{mask?: string | null, actor?: number | null, kind?: string, before?: number | null}} about
     * @returns {Promise<{events: Told[], next: number | null}>}
     */
    page(image, about) {
      const query = Object.entries(about).filter(([, value]) => value !== null && value !== undefined && value !== '');
      return client.get(`/api/images/${image}/timeline/?${new URLSearchParams(query.map(([name, value]) => [name, String(value)]))}`);
    },
    /**
     * The masks as they were right after an event.
     * @param {number} image @param {number} event @param {string | null} after where the page before ended
     * @returns {Promise<{masks: any[], next: string | null}>}
     */
    masks: (image, event, after) =>
      client.get(`/api/images/${image}/timeline/${event}/masks/${after ? `?after=${after}` : ''}`),
    /**
     * Makes all masks what they were right after an event.
     * @param {number} image @param {number} event
     * @returns {Promise<{event: number | null, count: number, undo: number | null}>}
     */
    restore: (image, event) => client.post(`/api/images/${image}/timeline/`, { event }),
  };
}
