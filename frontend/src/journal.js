import { openDB } from 'idb';

/** @typedef {import('./store/annotations.js').Mask} Mask */
/** @typedef {import('./store/annotations.js').Pending} Pending */
/** @typedef {import('./store/history.js').Steps} Steps */
/**
 * A change of one mask that the server has not confirmed yet. `revision` names it, here and there.
 * `saw` is what the person changed and `version` the server's number for that: 0 when the server has
 * no such mask, null when an earlier change of the same mask is still to be confirmed. What was
 * `sent` may have arrived. `tab` is the page that made the change, or has adopted it since.
 * @typedef {{
 *   revision: string, id: string, user: number, image: number, tab: string, at: number,
 *   saw: Mask | null, wish: Mask | null, version: number | null, sent: boolean, refused: string,
 * }} Entry
 */

/** @typedef {Awaited<ReturnType<typeof openJournal>>} Journal */

/**
 * This device's memory of what the server has not confirmed yet, per person.
 * @param {number} user
 */
export async function openJournal(user) {
  const db = await opened((blocked) => openDB('sppnet-annotate', 2, {
    async upgrade(db, from, _to, /** @type {any} */ transaction) {
      const changes = db.createObjectStore('changes', { keyPath: ['user', 'revision'] });
      db.createObjectStore('histories', { keyPath: ['user', 'image'] });
      if (from === 0) {
        db.createObjectStore('pendings', { keyPath: ['user', 'image'] });
        db.createObjectStore('proposals', { keyPath: ['user', 'image'] });
        return;
      }
      for (const { base, ...entry } of await transaction.objectStore('entries').getAll()) {
        await changes.put({ ...entry, tab: '', saw: null, version: base, sent: true });
      }
      db.deleteObjectStore('entries');
    },
    // A newer page of this site in another tab is not kept waiting; this one says what is at risk.
    blocking: (_current, _next, event) => /** @type {IDBDatabase} */ (event.target).close(),
    blocked,
  }));
  const mine = IDBKeyRange.bound([user], [user, []]);

  return {
    /** @returns {Promise<Entry[]>} in the order in which they were made */
    async entries() {
      const rows = /** @type {Entry[]} */ (await db.getAll('changes', mine));
      return rows.sort((a, b) => a.at - b.at);
    },

    /** All or nothing. @param {Entry[]} gone @param {Entry[]} put */
    async replace(gone, put) {
      const transaction = db.transaction('changes', 'readwrite');
      await Promise.all([
        ...gone.map(({ revision }) => transaction.store.delete([user, revision])),
        ...put.map((entry) => transaction.store.put(entry)),
        transaction.done,
      ]);
    },

    /** @param {number} image @returns {Promise<Steps & {at: number} | undefined>} what could be undone and redone there */
    history: (image) => db.get('histories', [user, image]),

    /** @param {number} image @param {Steps & {at: number}} steps */
    putHistory: (image, steps) => db.put('histories', { user, image, ...steps }),

    /** @param {number} moment  older ones only take the room that changes may need */
    async forgetHistories(moment) {
      const transaction = db.transaction('histories', 'readwrite');
      let cursor = await transaction.store.openCursor(mine);
      while (cursor) {
        if (cursor.value.at < moment) await cursor.delete();
        cursor = await cursor.continue();
      }
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

    /** @param {number} image @param {number | string | null} checkpoint that proposed, and how @returns {Promise<string | null>} */
    async proposalPrompt(image, checkpoint) {
      const row = await db.get('proposals', [user, image]);
      return row && row.checkpoint === checkpoint ? row.promptId : null;
    },

    /** @param {number} image @returns {Promise<{id: string}[]>} proposals that were rejected there */
    async rejections(image) {
      const ids = (await db.get('proposals', [user, image]))?.rejected ?? [];
      return ids.map((/** @type {string} */ id) => ({ id }));
    },

    /** Of all models: one may come back. @param {number} image @param {string[]} rejected */
    async putRejections(image, rejected) {
      const transaction = db.transaction('proposals', 'readwrite');
      const row = await transaction.store.get([user, image]);
      if (row) await transaction.store.put({ ...row, rejected });
      await transaction.done;
    },

    /** @param {number} image @param {number | string | null} checkpoint @param {string} promptId */
    async putProposalPrompt(image, checkpoint, promptId) {
      const transaction = db.transaction('proposals', 'readwrite');
      const row = await transaction.store.get([user, image]);
      await transaction.store.put({ user, image, rejected: row?.rejected, checkpoint, promptId });
      await transaction.done;
    },
  };
}

/**
 * @template T
 * @param {(blocked: () => void) => Promise<T>} open
 * @returns {Promise<T>} that fails when an older page of this site will not let go
 */
function opened(open) {
  return new Promise((resolve, reject) => {
    open(() => reject(new Error('An older page of this site is open in another tab.'))).then(resolve, reject);
  });
}
