import { patchMask } from './annotations.js';
import { merge, sameMask } from './merge.js';

/** @typedef {import('./annotations.js').Annotations} Annotations */
/** @typedef {import('./annotations.js').Mask} Mask */
/** @typedef {import('./annotations.js').Patch} Patch */

/** @typedef {{done: Patch[][], undone: Patch[][]}} Steps  the latest is the last of its list */

/** Undo and redo of what a person did on this image; what the server said is never replayed. */
export class History {
  /** @type {Patch[][]} */
  #done = [];
  /** @type {Patch[][]} */
  #undone = [];
  #annotations;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  /** How many masks the last undo or redo left alone, because somebody else has changed them since. */
  skipped = 0;

  /** @param {Annotations} annotations */
  constructor(annotations) {
    this.#annotations = annotations;
    annotations.on(({ patches, origin, cause, joins }) => {
      if (origin !== 'local' || cause !== 'edit') return;
      const touches = touching(patches);
      const at = joins ? this.#done.findLastIndex(touches) : -1;
      if (this.#done[at]?.some(({ id }) => id === joins)) {
        this.#done[at] = compose([...this.#done[at], ...patches]);
        if (this.#undone.some(touches)) this.#undone = [];
      } else {
        this.#done.push(patches);
        this.#undone = [];
      }
      this.#tell();
    });
  }

  get canUndo() {
    return this.#done.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  /** @returns {boolean} whether there was a step to undo */
  undo() {
    const step = this.#done.pop();
    if (step) this.#undone.push(inverse(this.#replay(inverse(step), 'undo')));
    this.#tell();
    return !!step;
  }

  /** @returns {boolean} whether there was a step to redo */
  redo() {
    const step = this.#undone.pop();
    if (step) this.#done.push(this.#replay(step, 'redo'));
    this.#tell();
    return !!step;
  }

  /**
   * Somebody else may have changed the same masks since: what they did stays.
   * @param {Patch[]} step @param {'undo' | 'redo'} cause @returns {Patch[]} what was done of it
   */
  #replay(step, cause) {
    /** @type {Map<string, Mask | null>} what the step itself makes of masks, as far as it has come */
    const now = new Map();
    const patches = step.flatMap((patch) => {
      const { id, kind } = patch;
      const done = rebased(patch, now.has(id) ? (now.get(id) ?? null) : (this.#annotations.masks.get(id) ?? null));
      if (kind === 'mask') for (const { after } of done) now.set(id, /** @type {Mask | null} */ (after));
      return done;
    });
    this.skipped = step.length - patches.length;
    this.#annotations.apply({ patches, origin: 'local', cause });
    return patches;
  }

  /** @returns {Steps} */
  get steps() {
    return { done: [...this.#done], undone: [...this.#undone] };
  }

  /** Another image is open, perhaps one that was open before. @param {Steps} [steps] */
  clear({ done, undone } = { done: [], undone: [] }) {
    this.#done = [...done];
    this.#undone = [...undone];
    this.#tell();
  }

  /** @param {() => void} listener @returns {() => void} */
  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell() {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** @param {Patch[]} step @returns {Patch[]} */
function inverse(step) {
  return step.map((patch) => /** @type {Patch} */ ({ ...patch, before: patch.after, after: patch.before })).reverse();
}

/**
 * @param {Patch} patch @param {Mask | null} mask as it is now
 * @returns {Patch[]} one, or none
 */
function rebased(patch, mask) {
  if (patch.kind !== 'mask' || sameMask(mask, patch.before)) return [patch];
  const merged = merge(patch.before, patch.after, mask);
  return mask && merged.outcome === 'mine' ? [patchMask(mask, merged.mask)] : [];
}

/** @param {Patch[]} patches @returns {(step: Patch[]) => boolean} whether a step is about the same rows */
function touching(patches) {
  const ids = new Set(patches.map(({ id }) => id));
  return (step) => step.some(({ id }) => ids.has(id));
}

/** @param {Patch[]} patches @returns {Patch[]} from the first state of each row to its last */
function compose(patches) {
  /** @type {Map<string, Patch>} */
  const rows = new Map();
  for (const patch of patches) {
    const key = `${patch.kind} ${patch.id}`;
    const known = rows.get(key);
    rows.set(key, known ? /** @type {Patch} */ ({ ...patch, before: known.before }) : patch);
  }
  return [...rows.values()].filter(({ before, after }) => before !== after);
}
