import { gettext } from '../i18n.js';
import { addCorner, moveCorner, removeCorner, ringsOf } from '../geometry/outline.js';
import { fillRings } from '../geometry/polygon.js';
import { encode } from '../geometry/rle.js';
import { setShape } from '../store/edits.js';
import { activePending, selectedMask } from '../store/focus.js';
import { editedOutline, holdAt, keepOutline } from '../store/outlines.js';
import { mayEdit } from '../store/session.js';
import { isSameShape, shapeOf } from '../store/shapes.js';
import { selectTool } from './select.js';

/** @typedef {import('../geometry/outline.js').Outline} Outline */
/** @typedef {import('../geometry/stroke.js').Point} Point */

/**
 * Corners on the outline of the selected mask: drag one, press on the line between two for a new one.
 * A click elsewhere selects.
 * @param {import('./tools.js').Context} context @returns {import('./tools.js').Tool}
 */
export function verticesTool(context) {
  const { store, say } = context;
  const { session, view } = store;
  const { tap } = selectTool(context);
  /** @type {{place: import('../geometry/outline.js').CornerPlace, from: Outline, moved: boolean} | null} */
  let held = null;

  /** @returns {{id: string, shape: import('../geometry/rle.js').Shape, outline: Outline} | null} */
  function edited() {
    const id = (activePending(store) ?? selectedMask(store))?.id;
    const shape = id ? shapeOf(store, id) : null;
    return id && shape ? { id, shape, outline: editedOutline(shape) } : null;
  }

  /** @param {Point} point */
  function holdUnder(point) {
    const target = edited();
    return target && { ...target, ...holdAt(target.outline, point, view.get().viewport.scale) };
  }

  /** @param {string} id @param {Outline} outline */
  function rasterise(id, outline) {
    const { image } = session.get();
    if (!image) return;
    const bitmap = fillRings(ringsOf(outline), image.width, image.height);
    if (!bitmap) return say(gettext('Nothing would be left of this mask. Press Delete on the selected mask to delete it.'));
    setShape(store, id, bitmap);
    const shape = shapeOf(store, id);
    // Where masks must not overlap, others may have taken a part of it.
    if (shape && isSameShape(shape, encode(bitmap) ?? shape)) keepOutline(shape, outline);
  }

  return {
    tap(press) {
      tap?.(press);
      if (!edited()) say(gettext('Click a mask to see its corners.'));
    },

    press({ point }) {
      const hold = mayEdit(session.get()) ? holdUnder(point) : null;
      if (!hold?.corner && !hold?.edge) return false;
      let { outline, corner: place } = hold;
      if (hold.edge) ({ outline, place } = addCorner(outline, hold.edge));
      if (!place) return false;
      held = { place, from: outline, moved: false };
      view.set({ draft: { kind: 'vertices', id: hold.id, outline } });
      return true;
    },

    drag(points) {
      const { draft } = view.get();
      if (draft?.kind !== 'vertices' || !held) return;
      held.moved = true;
      view.set({ draft: { ...draft, outline: moveCorner(held.from, held.place, points[points.length - 1]) } });
    },

    release() {
      const { draft } = view.get();
      view.set({ draft: null });
      if (draft?.kind !== 'vertices' || !held) return;
      const shape = shapeOf(store, draft.id);
      if (held.moved) rasterise(draft.id, draft.outline);
      else if (shape) keepOutline(shape, draft.outline);
      held = null;
    },

    /** Delete takes the corner under the pointer away, and never the whole mask. */
    back() {
      const { crosshair, pointer } = view.get();
      const at = crosshair ?? pointer;
      const hold = at && holdUnder(at);
      if (!edited()) return false;
      if (!hold?.corner) say(gettext('Point at a corner to remove it. To delete the whole mask, change to the Select tool.'));
      else {
        const outline = removeCorner(hold.outline, hold.corner);
        if (outline) rasterise(hold.id, outline);
        else say(gettext('An outline keeps at least three corners.'));
      }
      return true;
    },

    aim(point) {
      const hold = holdUnder(point);
      return hold?.corner ? 'corner' : hold?.edge ? 'edge' : '';
    },

    cancel() {
      held = null;
      view.set({ draft: null });
    },
  };
}
