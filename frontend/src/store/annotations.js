import { BoxIndex } from '../geometry/box_index.js';

/** @typedef {import('../geometry/rle.js').Shape} Shape */
/** @typedef {import('../geometry/rectangle.js').Rectangle} Rectangle */
/** @typedef {{id: string, x: number, y: number, positive: boolean}} Click */
/**
 * What the browser answered before the server: the server gets to know it before the mask that
 * names it as its prediction.
 * @typedef {{
 *   clicks: Click[], box?: Rectangle, mask: {bbox: Shape['bbox'], counts: string} | null,
 * }} Question
 */
/**
 * What a person accepted, drew or fixed. Its server version is the autosave's business. A mask that
 * is in conflict with another is a copy, kept until somebody decides which of the two is right.
 * @typedef {Shape & {
 *   id: string, label_class: number | null,
 *   origin: 'accepted' | 'drawn' | 'fixed' | 'imported' | 'consensus',
 *   prediction: string | null, score: number | null, author: number | null, question?: Question,
 *   conflict_with?: string | null, restores?: number,
 * }} Mask  author: the id of who made it, by name among the session's authors;
 *   restores: the event whose version this is again
 */
/**
 * A question to the model that a person has not decided yet. Its id is the id of the mask it will
 * become, or already is: then it refines that mask.
 * @typedef {{
 *   id: string, promptId: string, clicks: Click[], box?: Rectangle, status: 'thinking' | 'ready' | 'empty' | 'failed',
 *   error: string, shape: Shape | null, score: number | null, prediction: string | null,
 *   edited: boolean, refines: boolean, label_class: number | null, acceptFrom: number | null,
 *   question?: Question, provisional?: boolean, checkpoint?: number | null,
 * }} Pending  acceptFrom: an answer with at least this score is accepted by itself, null: none; prediction: the prompt that was answered with the shape, an earlier one when the latest
 *   found nothing; provisional: the browser's answer, which the server's will replace; checkpoint: by
 *   which the shape was made, as far as it is known
 */
/** @typedef {{id: string}} Rejection  of a proposal, by its key */
/**
 * @typedef {{kind: 'mask', id: string, before: Mask | null, after: Mask | null}} MaskPatch
 * @typedef {{kind: 'pending', id: string, before: Pending | null, after: Pending | null}} PendingPatch
 * @typedef {{kind: 'rejection', id: string, before: Rejection | null, after: Rejection | null}} RejectionPatch
 * @typedef {MaskPatch | PendingPatch | RejectionPatch} Patch
 */
/**
 * `local`: a person did it here. `remote`: the server or the model said so, or the journal brought
 * it back. Only local changes are undone and saved.
 * @typedef {{patches: Patch[], origin: 'local' | 'remote', cause: 'edit' | 'undo' | 'redo',
 *   joins?: string}} Change  joins: see edit.js
 */

export class Annotations {
  /** @type {Map<string, Mask>} */
  masks = new Map();
  /** @type {Map<string, Pending>} in the order in which they were asked */
  pendings = new Map();
  /** @type {Map<string, Rejection>} */
  rejections = new Map();
  /** @type {BoxIndex<Mask>} */
  #places = new BoxIndex();
  /** @type {Set<(change: Change) => void>} */
  #listeners = new Set();

  /** @param {(change: Change) => void} listener @returns {() => void} */
  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * @param {import('../geometry/bitmap.js').Box} box
   * @returns {Mask[]} whose boxes meet it, in the order in which they came
   */
  masksIn(box) {
    return this.#places.search(box);
  }

  /** @param {Change} change */
  apply(change) {
    if (!change.patches.length) return;
    for (const { kind, id, after } of change.patches) {
      const rows = /** @type {Map<string, any>} */ (this.#rowsOf(kind));
      if (after) rows.set(id, after);
      else rows.delete(id);
      if (kind !== 'mask') continue;
      if (after) this.#places.set(id, after);
      else this.#places.delete(id);
    }
    for (const listener of [...this.#listeners]) listener(change);
  }

  /** @param {Patch['kind']} kind */
  #rowsOf(kind) {
    if (kind === 'mask') return this.masks;
    return kind === 'pending' ? this.pendings : this.rejections;
  }

  /**
   * Replaces everything: another image was opened.
   * @param {Mask[]} masks @param {Pending[]} pendings @param {Rejection[]} [rejections]
   */
  load(masks, pendings, rejections = []) {
    /** @type {Patch[]} */
    const patches = [];
    for (const before of this.masks.values()) patches.push(patchMask(before, null));
    for (const before of this.pendings.values()) patches.push(patchPending(before, null));
    for (const before of this.rejections.values()) patches.push(patchRejection(before, null));
    for (const after of masks) patches.push(patchMask(null, after));
    for (const after of pendings) patches.push(patchPending(null, after));
    for (const after of rejections) patches.push(patchRejection(null, after));
    this.apply({ patches, origin: 'remote', cause: 'edit' });
  }
}

/** @param {Mask | null} before @param {Mask | null} after @returns {MaskPatch} */
export function patchMask(before, after) {
  return { kind: 'mask', id: idOf(before, after), before, after };
}

/** @param {Pending | null} before @param {Pending | null} after @returns {PendingPatch} */
export function patchPending(before, after) {
  return { kind: 'pending', id: idOf(before, after), before, after };
}

/** @param {Rejection | null} before @param {Rejection | null} after @returns {Patch} */
export function patchRejection(before, after) {
  return { kind: 'rejection', id: idOf(before, after), before, after };
}

/** @param {{id: string} | null} before @param {{id: string} | null} after @returns {string} */
function idOf(before, after) {
  const row = before ?? after;
  if (!row) throw new TypeError('A patch needs a before or an after.');
  return row.id;
}
