/** The changes that the server has not confirmed, in order; each is in the journal before it is sent. */
import { sameMask } from '../store/merge.js';

/** @typedef {import('../journal.js').Entry} Entry */
/** @typedef {import('../store/annotations.js').Mask} Mask */
/** @typedef {Pick<import('../journal.js').Journal, 'entries' | 'replace'>} EntryJournal */
/** @typedef {{id: string, image: number, saw: Mask | null, wish: Mask | null, version: number | null}} Wish */

/** @typedef {ReturnType<typeof createQueue>} Queue */

/**
 * @param {{journal: EntryJournal | null, user: number, tab: string, strict?: () => boolean}} parts
 *   strict: the order of changes matters between masks, too, because the server compares them
 */
export function createQueue({ journal, user, tab, strict = () => false }) {
  /** @type {Map<string, Entry>} by revision, in the order to send them */
  const entries = new Map();
  /** @type {Map<string, Set<string>>} mask → the revisions of its changes, in order */
  const ofMask = new Map();
  /** @type {Set<string>} revisions that the journal could not take: they live in this page alone */
  const unkept = new Set();
  /** @type {Promise<unknown>} */
  let written = Promise.resolve();
  let lastAt = 0;

  /** @param {Wish} wish @param {string} [refused] @returns {Entry} */
  function entryOf(wish, refused = '') {
    lastAt = Math.max(Date.now(), lastAt + 1);
    return { ...wish, revision: crypto.randomUUID(), user, tab, at: lastAt, sent: false, refused };
  }

  /** In one step, here and in the journal. @param {Entry[]} gone @param {Entry[]} put */
  function replace(gone, put) {
    const kept = new Set(put.map(({ revision }) => revision));
    const left = gone.filter(({ revision }) => !kept.has(revision));
    for (const { revision, id } of left) {
      entries.delete(revision);
      unkept.delete(revision);
      ofMask.get(id)?.delete(revision);
      if (!ofMask.get(id)?.size) ofMask.delete(id);
    }
    for (const entry of put) {
      entries.set(entry.revision, entry);
      if (!ofMask.has(entry.id)) ofMask.set(entry.id, new Set());
      ofMask.get(entry.id)?.add(entry.revision);
    }
    write(left, put);
  }

  /** @param {Entry[]} gone @param {Entry[]} put */
  function write(gone, put) {
    if (!journal) for (const { revision } of put) unkept.add(revision);
    const done = journal?.replace(gone, put).then(
      () => put.forEach(({ revision }) => unkept.delete(revision)),
      () => put.forEach(({ revision }) => entries.has(revision) && unkept.add(revision)),
    );
    written = Promise.all([written, done]);
  }

  /** @param {string} id @returns {Entry[]} the changes of one mask */
  const of = (id) => [...(ofMask.get(id) ?? [])].flatMap((revision) => entries.get(revision) ?? []);

  return {
    entries,
    of,
    replace,
    entryOf,

    /**
     * What a person did in one step. A change that was not sent yet becomes one with the next of its
     * mask; one that is taken back is none.
     * @param {Wish[]} wishes of different masks
     */
    add(wishes) {
      /** @type {Entry[]} */
      const gone = [];
      /** @type {Entry[]} */
      const put = [];
      let latest = strict() ? [...entries.values()].pop() : undefined;
      for (const wish of wishes) {
        const last = of(wish.id).pop();
        const overtakes = strict() && last !== latest;
        if (!last || overtakes || (last.sent && !last.refused) || !sameMask(last.wish, wish.saw)) {
          put.push(entryOf(last ? { ...wish, version: null } : wish));
        } else {
          const { saw, version } = last;
          gone.push(last);
          if (!sameMask(saw, wish.wish)) put.push(entryOf({ ...wish, saw, version }));
        }
        latest = put[put.length - 1] ?? latest;
      }
      replace(gone, put);
    },

    /** @returns {Entry | undefined} the next to send: none overtakes an earlier change of its mask */
    next() {
      const held = new Set();
      for (const entry of entries.values()) {
        if (entry.refused) continue;
        if (!held.has(entry.id)) return entry;
        held.add(entry.id);
      }
    },

    /**
     * @param {number} most
     * @returns {Entry[]} the next to send and those right behind it that may go in the same request:
     *   of the same image, each of another mask, none that is to wait for its prompt
     */
    nextFew(most) {
      const first = this.next();
      if (!first || first.wish?.question) return first ? [first] : [];
      const few = [];
      const masks = new Set();
      for (const entry of entries.values()) {
        if (entry.refused || (!few.length && entry !== first)) continue;
        if (few.length === most || entry.image !== first.image || masks.has(entry.id) || entry.wish?.question) break;
        few.push(entry);
        masks.add(entry.id);
      }
      return few;
    },

    /**
     * From now on they may have arrived: they are repeated as they are, never changed.
     * @param {Entry[]} few @returns {Promise<Entry[]>} those that still wait
     */
    async send(few) {
      const fresh = few.filter(({ sent }) => !sent);
      if (fresh.length) replace([], fresh.map((entry) => ({ ...entry, sent: true })));
      await written;
      return few.flatMap(({ revision }) => entries.get(revision) ?? []);
    },

    /** Lets others go first: the server stumbled over this one. @param {Entry} entry */
    postpone({ id }) {
      for (const entry of of(id)) {
        entries.delete(entry.revision);
        entries.set(entry.revision, entry);
      }
    },

    /**
     * Takes over what another page of this person has left behind. It may have been sent, or be
     * adopted by a third page just now: it is repeated as it is.
     * @param {Entry[]} orphans
     */
    adopt(orphans) {
      const mine = orphans.filter((entry) => !entries.has(entry.revision)).map((entry) => ({ ...entry, tab, sent: true }));
      for (const { at } of mine) lastAt = Math.max(lastAt, at);
      replace([], mine);
      return mine;
    },

    /** Tries again to write down what the journal could not take. */
    keepAll() {
      const loose = [...entries.values()].filter((entry) => unkept.has(entry.revision));
      if (journal && loose.length) write([], loose);
    },

    /** @returns {boolean} every change would survive the end of this page */
    get kept() {
      return unkept.size === 0;
    },
    written: () => written,
  };
}
