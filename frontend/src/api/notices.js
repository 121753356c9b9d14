/** @typedef {import('./client.js').Client} Client */

/** @param {Client} client */
export function noticesApi(client) {
  return {
    /** @returns {Promise<{unread: number}>} a hundred at most */
    unread: () => client.get('/api/notices/unread/'),
  };
}
