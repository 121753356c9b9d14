/** Watches the store; every change of a mask goes to the journal first, then to the server, in order. */
import { createConflicts } from './saving/conflicts.js';
import { createDelivery } from './saving/delivery.js';
import { toKnown, versionOf } from './saving/masks.js';
import { createQueue } from './saving/queue.js';
import { patchMask } from './store/annotations.js';
import { sameMask } from './store/merge.js';

/** @typedef {import('./store/store.js').Store} Store */
/** @typedef {import('./store/annotations.js').Mask} Mask */
/** @typedef {import('./saving/masks.js').Known} Known */
/** @typedef {ReturnType<typeof import('./api/masks.js').masksApi>} MasksApi */
/** @typedef {{id: string, claim: (tab: string) => Promise<boolean>}} Tabs */

/** @type {Tabs} one page in the world: what is in the journal is its own or of the dead */
const ALONE = { id: '', claim: async () => true };

/**
 * @param {{
 *   store: Store, journal: import('./saving/queue.js').EntryJournal | null, user: number,
 *   masks: Pick<MasksApi, 'put' | 'delete' | 'batch' | 'get'>, tabs?: Tabs,
 *   ask?: (id: string, image: number, question: import('./store/annotations.js').Question) => Promise<unknown>,
 *   sees?: (image: number) => Promise<boolean>,
 * }} parts
 *   without a journal (private windows may refuse it) changes wait in memory, and the page says so;
 *   tabs: which pages of this person live
 */
export function createAutosave({ store, journal, masks, user, ask, sees, tabs = ALONE }) {
  const { annotations, session } = store;
  /** @type {Map<string, Known & {image: number}>} mask id → what the server is known to have */
  const known = new Map();
  /** @type {Map<string, {image: number, now: Known}>} what others did to masks that this person is working on */
  const deferred = new Map();
  const queue = createQueue({
    journal, user, tab: tabs.id, strict: () => session.get().overlapRule !== 'allow',
  });
  const conflicts = createConflicts({ store, queue, learn, show });
  const delivery = createDelivery({ queue, masks, conflicts, tell, ask, sees });

  annotations.on(({ patches, origin }) => {
    const image = session.get().image?.id;
    const edits = origin === 'local' ? patches.filter((patch) => patch.kind === 'mask') : [];
    if (edits.length && image !== undefined) {
      queue.add(edits.map(({ id, before: saw, after: wish }) => ({ id, image, saw, wish, version: versionOf(known.get(id)) })));
      void delivery.start();
    }
    for (const { id } of patches) if (deferred.has(id)) queueMicrotask(() => catchUp(id));
  });

  // A day's work goes over many images: what is known of the others comes again with them.
  session.on((now, before) => {
    if (now.image?.id === before.image?.id) return;
    for (const [id, { image }] of known) if (image !== now.image?.id) known.delete(id);
  });

  /** @param {number} image @param {string} id @param {Known | null} now */
  function learn(image, id, now) {
    if (now) known.set(id, { ...now, image });
    else known.delete(id);
  }

  /** Puts a mask on the page if its image is open. @param {number} image @param {string} id @param {Mask | null} after */
  function show(image, id, after) {
    if (session.get().image?.id !== image) return;
    const before = annotations.masks.get(id) ?? null;
    if (sameMask(before, after)) return;
    annotations.apply({ patches: [patchMask(before, after)], origin: 'remote', cause: 'edit' });
  }

  /** @param {string} id @returns {boolean} this person has changed it, or is about to */
  const isMine = (id) => queue.of(id).length > 0 || annotations.pendings.has(id);

  /** @param {string} id of a mask that others changed while this person was at it */
  function catchUp(id) {
    const waiting = deferred.get(id);
    if (!waiting || isMine(id)) return;
    deferred.delete(id);
    receive(waiting.image, id, waiting.now);
  }

  /** @param {number} image @param {string} id @param {Known} now */
  function receive(image, id, now) {
    if (now.version <= (known.get(id)?.version ?? 0)) return;
    // Its image goes with it: by the time the person is done, another one may be open.
    if (isMine(id)) return void deferred.set(id, { image, now });
    learn(image, id, now);
    show(image, id, now.mask);
  }

  /** @param {import('./store/session.js').SaveState['state']} state */
  function tell(state) {
    const entries = [...queue.entries.values()];
    const refused = entries.filter((entry) => entry.refused);
    session.set({
      save: {
        state: state === 'saved' && refused.length ? 'refused' : state,
        waiting: entries.length - refused.length,
        refused: refused.length,
        why: refused[0]?.refused ?? '',
        journal: queue.kept,
      },
    });
  }

  /** Takes over what pages that are gone have left in the journal. */
  async function adopt() {
    const entries = (await journal?.entries().catch(() => null)) ?? [];
    const strangers = entries.filter(({ revision }) => !queue.entries.has(revision));
    const gone = new Map();
    for (const { tab } of strangers) if (!gone.has(tab)) gone.set(tab, await tabs.claim(tab));
    return queue.adopt(strangers.filter(({ tab }) => gone.get(tab)));
  }

  return {
    retry() {
      for (const entry of [...queue.entries.values()]) {
        if (entry.refused) queue.replace([entry], [{ ...entry, refused: '' }]);
      }
      queue.keepAll();
      return delivery.retry();
    },

    settled: delivery.settled,

    /** Lets go of the refused changes and shows what the server has. */
    async discardRefused() {
      for (const entry of [...queue.entries.values()].filter((e) => e.refused)) {
        const row = await masks.get(entry.id).catch(onlyMissing);
        if (row === undefined) continue;
        queue.replace([entry], []);
        learn(entry.image, entry.id, row && toKnown(row));
        show(entry.image, entry.id, row && toKnown(row).mask);
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
        const before = known.get(row.id);
        const now = before && before.version >= row.version ? before : toKnown(row);
        learn(image, row.id, now);
        if (now.mask) merged.set(row.id, now.mask);
      }
      for (const { id, image: of, wish } of queue.entries.values()) {
        if (of !== image) continue;
        if (wish) merged.set(id, wish);
        else merged.delete(id);
      }
      return [...merged.values()];
    },

    /**
     * What others did: shown at once, but never over what this person is doing.
     * @param {number} image @param {any[]} rows of masks that changed, deleted ones too
     */
    receive(image, rows) {
      for (const row of rows) receive(image, row.id, toKnown(row));
    },

    /** @param {string} id @returns {number} of the mask as the server has it; 0: not at all */
    versionOf: (/** @type {string} */ id) => versionOf(known.get(id)),
    /** @param {string} id @param {number} version @returns {boolean} the page has heard of it */
    knows: (id, version) => (known.get(id)?.version ?? 0) >= version || queue.of(id).length > 0,

    /**
     * Takes up what an earlier visit could not send, and what waits here: before the first `merge`,
     * and whenever there is hope again.
     */
    async replay() {
      for (const { image, id, wish } of await adopt()) show(image, id, wish);
      if (queue.next()) void delivery.retry();
      else tell('saved');
    },

    /** @returns {boolean} leaving now would lose something */
    get atRisk() {
      return !queue.kept;
    },
  };
}

/** @param {import('./api/client.js').ApiError} failure @returns {null | undefined} null: the server has no such mask; undefined: who knows */
const onlyMissing = ({ status }) => (status === 404 ? null : undefined);
