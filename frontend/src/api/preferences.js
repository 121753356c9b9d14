/** @typedef {import('./client.js').Client} Client */
/** @typedef {{shortcuts?: Record<string, string[]>, tourSeen?: boolean}} Changes */

/** @param {Client} client */
export function preferencesApi(client) {
  return {
    /** @param {Changes} changes the rest stays as it is */
    save: ({ shortcuts, tourSeen }) => client.patch('/api/preferences/', { shortcuts, tour_seen: tourSeen }),
  };
}
