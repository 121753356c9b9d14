/** @typedef {import('./client.js').Client} Client */

/** @param {Client} client */
export function imagesApi(client) {
  return {
    /** @param {number} id */
    get: (id) => client.get(`/api/images/${id}/`),
    /** @param {number} id @returns {Promise<boolean>} it is there, for this person @throws when nobody can say */
    sees: (id) =>
      client.get(`/api/images/${id}/`).then(
        () => true,
        (/** @type {import('./client.js').ApiError} */ failure) => {
          if (failure.status === 404) return false;
          throw failure;
        },
      ),
    /** @param {string} url @returns {Promise<{channels: import('../appearance/channels.js').ChannelFacts[]}>} */
    channels: (url) => client.get(url),
    /** @param {number} id @returns {Promise<{prompt: string, checkpoint: number, name: string}[]>} */
    proposalSets: (id) => client.get(`/api/images/${id}/proposal-sets/`),
    /**
     * What the model had answered for the masks that came from it.
     * @param {number} id @param {string | null} after where the page before ended
     * @returns {Promise<{masks: any[], next: string | null}>}
     */
    modelAnswers: (id, after) => client.get(`/api/images/${id}/model-answers/${after ? `?after=${after}` : ''}`),
    /** @param {number} dataset @param {string | null} next the cursor's address from the page before */
    page: (dataset, next) => client.get(next ? relative(next) : `/api/images/?dataset=${dataset}`),
    /** @param {number} dataset @param {number} after @returns {Promise<any>} the image to work on next, null: all are done */
    inNeed: (dataset, after) => client.get(`/api/images/next/?dataset=${dataset}&after=${after}`),
    /** The same, and nobody else is given it. @param {number} dataset @param {number} after @param {boolean} review @returns {Promise<any>} null: there is none */
    offer: (dataset, after, review) => client.post('/api/images/next/', { dataset, after, review }),
    /** The masks that were written since. @param {number} id @param {string | null} since null: from now on */
    changes: (id, since) => client.get(`/api/images/${id}/changes/${since ? `?since=${encodeURIComponent(since)}` : ''}`),
    /** @param {number} id @param {import('../store/session.js').Move} move @param {number} version @param {string} note why */
    move: (id, move, version, note) => client.post(`/api/images/${id}/${move}/`, { version, note }),
    /** @param {number} id @param {number} version @param {import('../panels/resolution.js').Resolution} resolution */
    setResolution: (id, version, resolution) => client.patch(`/api/images/${id}/`, { version, ...resolution }),
  };
}

/**
 * Behind a proxy the server may not know its own address; ours is the one that works.
 * @param {string} address
 */
export function relative(address) {
  const { pathname, search } = new URL(address, window.location.href);
  return pathname + search;
}
