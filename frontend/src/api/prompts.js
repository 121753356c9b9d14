/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../geometry/rle.js').Shape} Shape */
/** @typedef {Shape & {score: number}} Proposal */
/**
 * @typedef {{
 *   id: string, image: number, status: 'queued' | 'running' | 'done' | 'failed', error: string,
 *   checkpoint?: number | null, score: number | null, mask: Shape | null, proposals: Proposal[], more_proposals?: number | null,
 * }} PromptAnswer
 */

/** @param {Client} client */
export function promptsApi(client) {
  return {
    /**
     * Asking again with the same id is harmless: the server answers with the same prompt.
     * @param {{id: string, image: number, clicks: object[], box?: number[], mask?: object}} prompt
     * @returns {Promise<PromptAnswer>}
     */
    ask: (prompt) => client.post('/api/prompts/', prompt),
    /** @param {string} id @returns {Promise<PromptAnswer>} */
    get: (id) => client.get(`/api/prompts/${id}/`),
    /**
     * @param {string} id @param {number} start
     * @returns {Promise<{proposals: Proposal[], more_proposals: number | null}>}
     */
    proposals: (id, start) => client.get(`/api/prompts/${id}/proposals/?start=${start}`),
  };
}

/** @param {number} image @returns {string} */
export const eventsPath = (image) => `/api/images/${image}/events/`;
