/** A nucleus becomes what it once was: a change like any other, which undo takes back. */
import { patchMask } from './annotations.js';
import { edit, me } from './edit.js';
import { focusOn } from './focus.js';
import { shapeTold } from './timeline.js';

/**
 * @param {import('./store.js').Store} store @param {import('./timeline.js').Told} event of a nucleus that it tells of
 * @returns {boolean} whether anything changed
 */
export function restoreVersion(store, event) {
  const shape = shapeTold(event);
  if (!shape || !event.mask) return false;
  const before = store.annotations.masks.get(event.mask) ?? null;
  const { label_class, origin, score, author } = event.data;
  const { classes, deletedClasses } = store.session.get();
  const known = [...classes, ...deletedClasses].some(({ id }) => id === label_class);
  /** @type {import('./annotations.js').Mask} */
  const after = {
    ...shape,
    id: event.mask,
    label_class: known || before?.label_class === label_class ? label_class : null,
    origin,
    score,
    prediction: event.prediction,
    author: before?.author ?? author ?? me(store),
    conflict_with: before?.conflict_with ?? null,
    restores: event.id,
  };
  const done = edit(store, [patchMask(before, after)]);
  if (done) focusOn(store, event.mask);
  return done;
}
