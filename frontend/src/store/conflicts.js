/** Two changes of one mask at once left two masks: one under its id, and a copy that names it. */
import { patchMask } from './annotations.js';
import { edit } from './edit.js';
import { focusOn } from './focus.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./annotations.js').Mask} Mask */
/** @typedef {'copy' | 'other' | 'both'} Decision */

/**
 * One of the two goes, or the copy becomes a nucleus of its own. One step to undo.
 * @param {Store} store @param {Mask} copy @param {Decision} keep
 */
export function decideConflict(store, copy, keep) {
  const other = store.annotations.masks.get(copy.conflict_with ?? '') ?? null;
  const { id, conflict_with, ...rest } = copy;
  const decided = { ...copy, conflict_with: null };
  if (keep === 'other') edit(store, [patchMask(copy, null)]);
  else if (keep === 'copy' && other) {
    edit(store, [patchMask(copy, null), patchMask(other, { ...other, ...rest, author: other.author })]);
  } else edit(store, [patchMask(copy, decided)]);
  focusOn(store, keep === 'both' || !other ? id : other.id);
}

/** @param {import('./annotations.js').Annotations} annotations @returns {Mask[]} the copies that wait for a decision */
export const conflictCopies = ({ masks }) => [...masks.values()].filter((mask) => mask.conflict_with);

/**
 * The same, kept up to date without looking at all masks again.
 * @param {import('./annotations.js').Annotations} annotations @param {(copies: Mask[]) => void} tell
 */
export function watchConflicts(annotations, tell) {
  /** @type {Map<string, Mask>} */
  const copies = new Map();
  annotations.on(({ patches }) => {
    let changed = false;
    for (const { kind, id } of patches) {
      if (kind !== 'mask') continue;
      const mask = annotations.masks.get(id);
      if (mask?.conflict_with) copies.set(id, mask);
      else if (!copies.delete(id)) continue;
      changed = true;
    }
    if (changed) tell([...copies.values()]);
  });
}
