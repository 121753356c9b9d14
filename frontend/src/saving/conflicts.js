/** What is done about a change whose mask somebody else has changed meanwhile. */
import { gettext } from '../i18n.js';
import { deleteMasks } from '../store/edits.js';
import { merge, sameMask } from '../store/merge.js';
import { notify } from '../store/session.js';
import { toKnown, versionOf } from './masks.js';

/** @typedef {import('../store/annotations.js').Mask} Mask */
/** @typedef {import('../journal.js').Entry} Entry */
/** @typedef {import('./masks.js').Known} Known */

/**
 * @param {{
 *   store: import('../store/store.js').Store, queue: import('./queue.js').Queue,
 *   learn: (image: number, id: string, known: Known | null) => void,
 *   show: (image: number, id: string, mask: Mask | null) => void,
 * }} parts  learn: remembers what the server has; show: puts a mask on the page if its image is open
 */
export function createConflicts({ store, queue, learn, show }) {
  const { session } = store;

  /**
   * Joins the waiting changes of a mask to what the server has, so that nothing of either is lost.
   * The table is in store/merge.js.
   * @param {Entry[]} chain the changes of one mask, none of them done @param {Known | null} known
   */
  function resolve(chain, known) {
    const [{ id, image, saw }] = chain;
    const { wish } = chain[chain.length - 1];
    const version = versionOf(known ?? undefined);
    const theirs = known?.mask ?? null;
    const { outcome, mask } = merge(saw, wish, theirs);
    learn(image, id, known);
    if (outcome === 'mine') {
      queue.replace(chain, [queue.entryOf({ id, image, saw: theirs, wish: mask, version })]);
      if (!theirs && saw) tell(gettext('Someone else deleted a nucleus that you changed. It is here again, as you have it.'));
      return show(image, id, mask);
    }
    if (outcome === 'choose' && wish) {
      const refused = gettext('Someone else gave this nucleus another class.');
      queue.replace(chain, [queue.entryOf({ id, image, saw: theirs, wish: { ...wish, ...shapeOf(mask) }, version }, refused)]);
      return show(image, id, { ...wish, ...shapeOf(mask) });
    }
    if (outcome === 'copy' && wish) {
      // Named after the change, so that the copy is made once, however often this is found out.
      const copy = { ...wish, id: chain[0].revision, conflict_with: id, author: session.get().user?.id ?? null };
      queue.replace(chain, [queue.entryOf({ id: copy.id, image, saw: null, wish: copy, version: 0 })]);
      show(image, id, mask);
      show(image, copy.id, copy);
      return tell(gettext('Someone else changed a nucleus while you did. Both are kept: choose under “Conflicts”.'));
    }
    queue.replace(chain, []);
    show(image, id, mask);
    if (outcome === 'kept') {
      tell(gettext('Someone else changed a nucleus that you deleted, so it was kept.'), {
        label: gettext('Delete it'),
        run: () => deleteIfOpen(image, id),
      });
    }
  }

  /** @param {number} image @param {string} id */
  function deleteIfOpen(image, id) {
    const mask = store.annotations.masks.get(id);
    if (mask && session.get().image?.id === image) deleteMasks(store, [mask]);
  }

  /** @param {Entry} entry @returns {Entry[]} the other changes of its mask */
  const others = (entry) => queue.of(entry.id).filter(({ revision }) => revision !== entry.revision);

  /** @param {string} text @param {import('../store/session.js').Notice['action']} [action] */
  function tell(text, action) {
    notify(session, { kind: 'warn', text, action });
  }

  return {
    /** The server says that a change came too late. @param {Entry} entry @param {any} row or null */
    stale: (entry, row) => resolve(queue.of(entry.id), row ? toKnown(row) : null),

    /**
     * The server did a change, and this is the mask now: the next change of it goes on from there.
     * @param {Entry} entry @param {Known | null} known
     */
    done(entry, known) {
      const [next, ...rest] = others(entry);
      learn(entry.image, entry.id, known);
      const mask = known?.mask ?? null;
      const cut = wasCut(entry, known);
      if (cut) tell(gettext('Masks must not overlap in this dataset: one that you changed gave way to somebody else’s.'));
      if (!next) {
        queue.replace([entry], []);
        if (!sameMask(entry.wish, mask)) show(entry.image, entry.id, mask);
      } else if (cut || sameMask(next.saw, mask)) {
        queue.replace([entry], [{ ...next, saw: mask, version: versionOf(known ?? undefined) }]);
      } else {
        queue.replace([entry], []);
        resolve([next, ...rest], known);
      }
    },

    /** The server will not take a change; perhaps it takes what became of it. @param {Entry} entry @param {string} why */
    refuse(entry, why) {
      const later = others(entry);
      const last = later[later.length - 1];
      if (last) {
        const { id, image, saw, version } = entry;
        return queue.replace([entry, ...later], [queue.entryOf({ id, image, saw, wish: last.wish, version })]);
      }
      queue.replace([entry], [{ ...entry, refused: why }]);
      notify(session, {
        kind: 'error',
        text: gettext('A change was not accepted: %(why)s It is kept on this device.', { why }),
      });
    },
  };
}

/**
 * @param {Entry} entry @param {Known | null} known  after it
 * @returns {boolean} nobody else wrote since, so it was the server that made it smaller
 */
function wasCut({ wish, version }, known) {
  if (!wish || !known?.mask || known.version !== (version ?? 0) + 1) return false;
  return known.mask.area < wish.area && !sameMask(wish, known.mask);
}

/** @param {Mask | null} mask */
function shapeOf(mask) {
  if (!mask) return {};
  const { bbox, counts, area, origin, prediction, score } = mask;
  return { bbox, counts, area, origin, prediction, score };
}
