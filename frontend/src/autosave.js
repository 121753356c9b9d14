/** Watches the store; every change of a mask goes to the journal first, then to the server, in order. */
import { gettext } from './i18n.js';
import { patchMask } from './store/annotations.js';
import { notify } from './store/session.js';

/** @typedef {import('./store/store.js').Store} Store */
/** @typedef {import('./store/annotations.js').Mask} Mask */
/** @typedef {import('./journal.js').Entry} Entry */
/** @typedef {Pick<import('./journal.js').Journal, 'entries' | 'put' | 'settle'>} EntryJournal */
/** @typedef {ReturnType<typeof import('./api/masks.js').masksApi>} MasksApi */

const FIRST_RETRY = 1000;
const LAST_RETRY = 30000;

/**
 * @param {{
 *   store: Store, journal: EntryJournal | null, masks: MasksApi, user: number,
 *   ask?: (id: string, image: number, question: import('./store/annotations.js').Question) => Promise<unknown>,
 * }} parts
 *   without a journal (private windows may refuse it) changes wait in memory, and the page says so;
 *   ask: makes sure that the server has a prompt before a mask that names it
 */
export function createAutosave({ store, journal, masks, user, ask }) {
  const { annotations, session } = store;
  /** @type {Map<string, Entry>} wishes the server has not confirmed, in the order to send them */
  const waiting = new Map();
  /** @type {Map<string, number>} mask id → version that the server is known to have */
  const versions = new Map();
  /** @type {Set<string>} masks whose creation was sent and may have arrived */
  const sent = new Set();
  let journalWorks = journal !== null;
  let sending = false;
  /** @type {Promise<void>} */
  let round = Promise.resolve();
  let retryAfter = FIRST_RETRY;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retryTimer;
  /** @type {Promise<unknown>} */
  let journalled = Promise.resolve();
  let lastAt = 0;

  annotations.on(({ patches, origin }) => {
    const image = session.get().image?.id;
    if (origin !== 'local' || image === undefined) return;
    for (const patch of patches) if (patch.kind === 'mask') wish(patch.id, image, patch.after);
    if (patches.some((patch) => patch.kind === 'mask')) void send();
  });

  /** @param {string} id @param {number} image @param {Mask | null} after */
  function wish(id, image, after) {
    lastAt = Math.max(Date.now(), lastAt + 1);
    const base = versions.get(id) ?? 0;
    keep({ id, user, image, wish: after, base, revision: crypto.randomUUID(), at: lastAt, refused: '' });
  }

  /** @param {Entry} entry */
  function keep(entry) {
    waiting.delete(entry.id);
    waiting.set(entry.id, entry);
    if (!journal) return;
    const written = journal.put(entry).then(
      () => void (journalWorks = true),
      () => void (journalWorks = false),
    );
    journalled = Promise.all([journalled, written]);
  }

  function send() {
    tell('saving');
    if (!sending) round = sendAll();
    return round;
  }

  async function sendAll() {
    sending = true;
    clearTimeout(retryTimer);
    try {
      for (let entry = next(); entry; entry = next()) {
        await journalled;
        if (waiting.get(entry.id) !== entry) continue;
        if (await deliver(entry)) settle(entry);
        retryAfter = FIRST_RETRY;
        tell('saving');
      }
      tell('saved');
    } catch (error) {
      const failure = /** @type {import('./api/client.js').ApiError} */ (error);
      tell(failure.signedOut ? 'signed_out' : 'offline');
      retryTimer = setTimeout(send, retryAfter);
      retryAfter = Math.min(retryAfter * 2, LAST_RETRY);
    } finally {
      sending = false;
    }
  }

  /** @returns {Entry | undefined} */
  function next() {
    for (const entry of waiting.values()) if (!entry.refused) return entry;
  }

  /**
   * @param {Entry} entry
   * @returns {Promise<boolean>} false when the server refused it for good
   * @throws when it should be tried again later
   */
  async function deliver(entry) {
    try {
      await (entry.wish ? deliverMask(entry, entry.wish) : deliverDeletion(entry));
      return true;
    } catch (error) {
      const failure = /** @type {import('./api/client.js').ApiError} */ (error);
      if (failure.passing !== false || failure.signedOut) throw failure;
      refuse(entry, failure.message);
      return false;
    }
  }

  /** @param {Entry} entry @param {Mask} mask */
  async function deliverMask(entry, mask) {
    const { label_class, bbox, counts, origin, prediction, score, question } = mask;
    const row = { image: entry.image, label_class, bbox, counts, origin, prediction, score };
    if (question && prediction) await ask?.(prediction, entry.image, question);
    sent.add(entry.id);
    for (let attempt = 1; ; attempt++) {
      const version = versions.get(entry.id) ?? entry.base;
      try {
        const saved = await masks.put(entry.id, { ...row, version });
        versions.set(entry.id, saved.version);
        return;
      } catch (error) {
        const stale = staleVersion(error);
        if (stale === null || attempt === 3) throw error;
        versions.set(entry.id, stale);
        notify(session, {
          kind: 'warn',
          text: gettext('Someone else changed this nucleus meanwhile. Yours was saved on top of theirs.'),
        });
      }
    }
  }

  /** @param {Entry} entry */
  async function deliverDeletion(entry) {
    const known = versions.get(entry.id) ?? entry.base;
    if (!known && !sent.has(entry.id)) return;
    try {
      await masks.delete(entry.id, known || 1);
      versions.delete(entry.id);
    } catch (error) {
      const failure = /** @type {import('./api/client.js').ApiError} */ (error);
      if (failure.status === 404) return;
      const stale = staleVersion(failure);
      if (stale === null) throw failure;
      if (!stale) return;
      // Someone worked on it since we saw it: their work stays, and this person decides again.
      restore(entry, failure.current);
    }
  }

  /** @param {Entry} entry @param {any} current the server's row */
  function restore(entry, current) {
    versions.set(entry.id, current.version);
    if (session.get().image?.id === entry.image && waiting.get(entry.id) === entry) {
      show(entry.id, toMask(current));
    }
    notify(session, {
      kind: 'warn',
      text: gettext('Someone else changed this nucleus meanwhile, so it was not deleted. Delete it again if you still want to.'),
    });
  }

  /** @param {string} id @param {Mask | null} after */
  function show(id, after) {
    const before = annotations.masks.get(id) ?? null;
    if (!before && !after) return;
    annotations.apply({ patches: [patchMask(before, after)], origin: 'remote', cause: 'edit' });
  }

  /** @param {Entry} entry @param {string} why */
  function refuse(entry, why) {
    if (waiting.get(entry.id) !== entry) return;
    keep({ ...entry, refused: why });
    notify(session, {
      kind: 'error',
      text: gettext('A change was not accepted: %(why)s It is kept on this device.', { why }),
    });
  }

  /** @param {Entry} entry */
  function settle(entry) {
    if (waiting.get(entry.id) === entry) waiting.delete(entry.id);
    void journal?.settle(entry).catch(() => (journalWorks = false));
  }

  /** @param {import('./store/session.js').SaveState['state']} state */
  function tell(state) {
    const refused = [...waiting.values()].filter((entry) => entry.refused).length;
    session.set({
      save: {
        state: state === 'saved' && refused ? 'refused' : state,
        waiting: waiting.size - refused,
        refused,
        journal: journalWorks,
      },
    });
  }

  return {
    retry() {
      for (const entry of [...waiting.values()]) if (entry.refused) keep({ ...entry, refused: '' });
      retryAfter = FIRST_RETRY;
      return send();
    },

    /** @returns {Promise<void>} when the present round of sending has ended, well or not */
    settled: () => round,

    /** Lets go of the refused changes and shows what the server has. */
    async discardRefused() {
      for (const entry of [...waiting.values()].filter((e) => e.refused)) {
        settle(entry);
        const current = await masks.get(entry.id).catch(() => null);
        if (current) versions.set(entry.id, current.version);
        if (session.get().image?.id === entry.image) show(entry.id, current && toMask(current));
      }
      tell('saved');
    },

    /**
     * The server's masks with the unconfirmed wishes of this image on top.
     * @param {number} image @param {any[]} rows from the API @returns {Mask[]}
     */
    merge(image, rows) {
      /** @type {Map<string, Mask>} */
      const merged = new Map();
      for (const row of rows) {
        versions.set(row.id, Math.max(row.version, versions.get(row.id) ?? 0));
        merged.set(row.id, toMask(row));
      }
      for (const entry of waiting.values()) {
        if (entry.image !== image) continue;
        if (entry.wish) merged.set(entry.id, entry.wish);
        else merged.delete(entry.id);
      }
      return [...merged.values()];
    },

    /** Takes up what an earlier visit could not send; call before the first `merge`. */
    async replay() {
      const entries = (await journal?.entries().catch(() => null)) ?? [];
      for (const entry of entries) {
        if (waiting.has(entry.id)) continue;
        sent.add(entry.id);
        lastAt = Math.max(lastAt, entry.at);
        waiting.set(entry.id, entry);
      }
      if (entries.length) void send();
      else tell('saved');
    },

    /** @returns {boolean} leaving now would lose something */
    get atRisk() {
      return waiting.size > 0 && !journalWorks;
    },
  };
}

/**
 * @param {unknown} error
 * @returns {number | null} the server's version, 0 when the mask is deleted there; null: not stale
 */
function staleVersion(error) {
  const failure = /** @type {import('./api/client.js').ApiError} */ (error);
  if (failure.status !== 409) return null;
  return failure.current && !failure.current.deleted_at ? failure.current.version : 0;
}

/** @param {any} row @returns {Mask} */
function toMask({ id, bbox, counts, area, label_class, origin, prediction, score, author }) {
  return { id, bbox, counts, area, label_class, origin, prediction, score, author };
}
