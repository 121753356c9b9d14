/** What there is to show of a shape under way, read from the store. */
import { closesPolygon } from '../store/drafts.js';
import { activePending, selectedMask } from '../store/focus.js';
import { editedOutline, holdAt } from '../store/outlines.js';
import { mayEdit } from '../store/session.js';
import { NEGATIVE, PENDING, appearanceOf } from './colors.js';

/** @typedef {import('../store/store.js').Store} Store */
/** @typedef {import('../store/drafts.js').Draft} Draft */
/** @typedef {import('../geometry/stroke.js').Point} Point */

/** @param {Store} store @param {Draft} draft @param {Point | null} at @returns {import('./drafts.js').DraftScene} */
export function draftScene(store, draft, at) {
  const { scale } = store.view.get().viewport;
  return { draft, color: colorOf(store, draft), at, closes: at !== null && closesPolygon(draft, at, scale) };
}

/** @param {Store} store @param {Draft} draft @returns {string} of what will come of it */
function colorOf(store, draft) {
  const { annotations, view } = store;
  if (draft.kind === 'box' || draft.kind === 'knife') return PENDING;
  if (draft.kind !== 'vertices' && draft.erase) return NEGATIVE;
  const id = draft.kind === 'vertices' ? draft.id : draft.targetId;
  if (id && annotations.pendings.has(id)) return PENDING;
  const mask = id && annotations.masks.get(id);
  const appearance = appearanceOf(store);
  return mask ? appearance.colorOf(mask) : appearance.classColor(view.get().currentClass);
}

/** @param {Store} store @param {Point | null} at @returns {import('./drafts.js').CornerScene | null} */
export function cornerScene(store, at) {
  const { draft, viewport } = store.view.get();
  if (draft?.kind === 'vertices') return { outline: draft.outline, hot: null, fresh: null };
  const shape = activePending(store)?.shape ?? selectedMask(store);
  if (!shape || !mayEdit(store.session.get())) return null;
  const outline = editedOutline(shape);
  const hold = at && holdAt(outline, at, viewport.scale);
  return { outline, hot: hold?.corner ?? null, fresh: hold?.edge ?? null };
}
