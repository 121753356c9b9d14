/** What lasso and polygon share: whose outline it is, and what becomes of it. */
import { gettext } from '../i18n.js';
import { fillRings, ringOf } from '../geometry/polygon.js';
import { applyStroke } from '../store/edits.js';
import { activePending, selectedMask } from '../store/focus.js';
import { mayEdit } from '../store/session.js';

/** @typedef {import('./tools.js').Context} Context */
/** @typedef {import('../store/drafts.js').OutlineDraft} OutlineDraft */

/**
 * Shift adds to the pending or selected mask, Alt takes away from it.
 * @param {Context} context @param {OutlineDraft['kind']} kind @param {import('./tools.js').Press} press
 * @returns {OutlineDraft | null} null when there is nothing that it could act on, which is said
 */
export function beginOutline({ store, say }, kind, { point, shift, background }) {
  const { session } = store;
  if (!session.get().image || !mayEdit(session.get())) return null;
  const points = [point];
  if (!shift && !background) return { kind, points, targetId: null, erase: false };
  const target = activePending(store) ?? selectedMask(store);
  if (target) return { kind, points, targetId: target.id, erase: background };
  say(
    background
      ? gettext('Select one mask first; Alt then takes the outlined part away from it.')
      : gettext('Select one mask first; Shift then adds the outlined part to it.'),
  );
  return null;
}

/** @param {Context} context @param {OutlineDraft} draft */
export function finishOutline({ store, say }, { points, targetId, erase }) {
  const { annotations, session } = store;
  const { image } = session.get();
  const gone = targetId && !annotations.pendings.has(targetId) && !annotations.masks.has(targetId);
  if (!image || gone) return;
  const filled = fillRings([ringOf(points)], image.width, image.height);
  if (filled) applyStroke(store, filled, erase, targetId);
  else say(gettext('There is no pixel inside this outline. Zoom in, and draw around the nucleus.'));
}
