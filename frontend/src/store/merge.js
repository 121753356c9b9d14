/**
 * What becomes of a mask that two pages changed at once. Nothing that anyone did is thrown away.
 *
 * A mask has two sides that change apart: its shape (with what is known of where it came from) and
 * its class. `saw` is what this page's change began from, `mine` what it made of it, `theirs` what
 * the server has now; null stands for a mask that is not there.
 *
 * | mine                  | theirs                | outcome | and the mask under this id         |
 * | --------------------- | --------------------- | ------- | ---------------------------------- |
 * | as `saw`              | anything              | theirs  | theirs                             |
 * | anything              | the same as mine      | theirs  | theirs, which is mine              |
 * | anything              | as `saw`              | mine    | mine                               |
 * | other shape           | other class           | mine    | my shape with their class          |
 * | other class           | other shape           | mine    | their shape with my class          |
 * | other class           | yet another class     | choose  | theirs, until the person decides   |
 * | other shape           | yet another shape     | copy    | theirs; mine becomes a new mask    |
 * | other shape and class | yet another class     | copy    | theirs; mine becomes a new mask    |
 * | deleted               | changed               | kept    | theirs: work outlives a deletion   |
 * | changed               | deleted               | mine    | mine again: so here                |
 *
 * `mine` with what is given back is what is to be saved; in all other cases there is nothing to save
 * under this id. Undo asks the same question: `saw` is what the step made, `mine` what was before it.
 */

/** @typedef {import('./annotations.js').Mask} Mask */
/** @typedef {{outcome: 'theirs' | 'mine' | 'choose' | 'copy' | 'kept', mask: Mask | null}} Merged */

/** @param {Mask | null} a @param {Mask | null} b */
const sameShape = (a, b) => a?.counts === b?.counts && String(a?.bbox) === String(b?.bbox);
/** @param {Mask | null} a @param {Mask | null} b */
const sameClass = (a, b) => a?.label_class === b?.label_class;
/** @param {Mask | null} a @param {Mask | null} b */
const sameMark = (a, b) => (a?.conflict_with ?? null) === (b?.conflict_with ?? null);

/** @param {Mask | null} a @param {Mask | null} b @returns {boolean} nobody would see a difference */
export function sameMask(a, b) {
  if (!a || !b) return a === b;
  return a === b || (sameShape(a, b) && sameClass(a, b) && sameMark(a, b));
}

/** @param {Mask | null} saw @param {Mask | null} mine @param {Mask | null} theirs @returns {Merged} */
export function merge(saw, mine, theirs) {
  if (sameMask(mine, saw) || sameMask(mine, theirs)) return { outcome: 'theirs', mask: theirs };
  if (sameMask(theirs, saw) || !theirs) return { outcome: 'mine', mask: mine };
  if (!mine) return { outcome: 'kept', mask: theirs };

  const shape = side(sameShape, saw, mine, theirs);
  const label = side(sameClass, saw, mine, theirs);
  if (shape === 'both' || (label === 'both' && shape === 'mine')) return { outcome: 'copy', mask: theirs };
  if (label === 'both') return { outcome: 'choose', mask: theirs };
  const merged = {
    ...(shape === 'mine' ? mine : theirs),
    label_class: (label === 'mine' ? mine : theirs).label_class,
    conflict_with: (sameMark(mine, saw) ? theirs : mine).conflict_with ?? null,
  };
  return sameMask(merged, theirs) ? { outcome: 'theirs', mask: theirs } : { outcome: 'mine', mask: merged };
}

/**
 * @param {(a: Mask | null, b: Mask | null) => boolean} same
 * @param {Mask | null} saw @param {Mask} mine @param {Mask} theirs
 * @returns {'mine' | 'theirs' | 'both'} who changed this side; when both did the same, theirs
 */
function side(same, saw, mine, theirs) {
  if (same(mine, saw) || same(mine, theirs)) return 'theirs';
  return same(theirs, saw) ? 'mine' : 'both';
}
