/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../store/comments.js').Comment} Comment */

/** @param {Client} client */
export function commentsApi(client) {
  return {
    /** All of an image: they are few. @param {number} image @returns {Promise<{results: Comment[], next: string | null}>} */
    ofImage: (image) => client.get(`/api/comments/?image=${image}&page_size=500`),
    /** @param {string} id @param {import('../store/comments.js').NewComment} body @returns {Promise<Comment>} */
    add: (id, body) => client.put(`/api/comments/${id}/`, body),
    /** @param {string} id of a thread @param {boolean} resolved @returns {Promise<Comment>} */
    resolve: (id, resolved) => client.patch(`/api/comments/${id}/`, { resolved }),
    /** @param {string} id */
    remove: (id) => client.delete(`/api/comments/${id}/`),
    /** Who can be mentioned. @param {number} dataset @returns {Promise<{results: {username: string}[]}>} */
    members: (dataset) => client.get(`/api/members/?dataset=${dataset}&page_size=500`),
  };
}
