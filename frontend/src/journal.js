import { openDB } from 'idb';

/** @typedef {import('./store/annotations.js').Mask} Mask */
/** @typedef {import('./store/annotations.js').Pending} Pending */
/**
 * What one mask should become on the server. `revision` tells this wish from a later one for the
 * same mask; `base` is the server's version that it changes, 0 when the server has none.
 * @typedef {{
 *   id: string, user: number, image: number, wish: Mask | null, base: number,
 *   revision: string, at: number, refused: string,
 * }} Entry
 */

/** @typedef {Awaited<ReturnType<typeof openJournal>>} Journal */

/**
 * This device's memory of what the server has not confirmed yet, per person.
 * @param {number} user
 */
export async function openJournal(user) {
  const db = await openDB('sppnet-annotate', 1, {
    upgrade(fresh) {
      fresh.createObjectStore('entries', { keyPath: ['user', 'id'] });
      fresh.createObjectStore('pendings', { keyPath: ['user', 'image'] });
      fresh.createObjectStore('proposals', { keyPath: ['user', 'image'] });
    },
  });
  const mine = IDBKeyRange.bound([user], [user, []]);

  return {
    /** @returns {Promise<Entry[]>} in the order in which they were made */
    async entries() {
      const rows = /** @type {Entry[]} */ (await db.getAll('entries', mine));
      return rows.sort((a, b) => a.at - b.at);
    },

    /** @param {Entry} entry replaces an earlier wish for the same mask */
    put: (entry) => db.put('entries', entry),

    /** @param {Entry} entry goes, unless another page has written a later wish for that mask */
    async settle(entry) {
      const transaction = db.transaction('entries', 'readwrite');
      const kept = await transaction.store.get([user, entry.id]);
      if (kept?.revision === entry.revision) await transaction.store.delete([user, entry.id]);
      await transaction.done;
    },

    /** @param {number} image @returns {Promise<Pending[]>} */
    async pendings(image) {
      return (await db.get('pendings', [user, image]))?.pendings ?? [];
    },

    /** @param {number} image @param {Pending[]} pendings */
    async putPendings(image, pendings) {
      if (pendings.length) await db.put('pendings', { user, image, pendings });
      else await db.delete('pendings', [user, image]);
    },

    /** @param {number} image @param {number | null} checkpoint @returns {Promise<string | null>} */
    async proposalPrompt(image, checkpoint) {
      const row = await db.get('proposals', [user, image]);
      return row && row.checkpoint === checkpoint ? row.promptId : null;
    },

    /** @param {number} image @returns {Promise<{id: string}[]>} proposals that were rejected there */
    async rejections(image) {
      const ids = (await db.get('proposals', [user, image]))?.rejected ?? [];
      return ids.map((/** @type {string} */ id) => ({ id }));
    },

    /** Kept until another model proposes. @param {number} image @param {string[]} rejected */
    async putRejections(image, rejected) {
      const transaction = db.transaction('proposals', 'readwrite');
      const row = await transaction.store.get([user, image]);
      if (row) await transaction.store.put({ ...row, rejected });
      await transaction.done;
    },

    /** @param {number} image @param {number | null} checkpoint @param {string} promptId */
    putProposalPrompt: (image, checkpoint, promptId) =>
      db.put('proposals', { user, image, checkpoint, promptId }),
  };
}
