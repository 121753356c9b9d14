import { touchesSegment } from '../geometry/hit_test.js';
import { rasterise } from '../geometry/stroke.js';
import { gettext } from '../i18n.js';
import { activePending, selectedMask } from '../store/focus.js';
import { applyStroke } from '../store/edits.js';
import { mayEdit } from '../store/session.js';
import { bitmapOf } from '../store/shapes.js';

/** @typedef {import('./tools.js').Context} Context */
/** @typedef {import('../geometry/stroke.js').Point} Point */

/** A brush that starts this close to a nucleus, in screen pixels, is meant for it. */
const NEAR = 6;

/**
 * Brush and eraser. A stroke fixes the pending or selected nucleus if it comes to touch it, else the
 * one it starts on; a brush stroke on empty ground draws a new nucleus.
 * @param {Context} context @param {boolean} erase @returns {import('./tools.js').Tool}
 */
export function strokeTool({ store, picker, say }, erase) {
  const { annotations, session, view } = store;

  /** @param {Point} a @param {Point} b @param {number} radius @returns {string | null} */
  function focusTouched(a, b, radius) {
    const pending = activePending(store);
    const mask = selectedMask(store);
    const shape = pending?.shape ?? mask;
    if (!shape) return null;
    const reach = radius + NEAR / view.get().viewport.scale;
    return touchesSegment(bitmapOf(shape), a, b, reach) ? (pending ?? mask)?.id ?? null : null;
  }

  return {
    sized: true,

    press({ point }) {
      if (!session.get().image || !mayEdit(session.get())) return false;
      const radius = view.get().brushSize / 2;
      const under = () => picker.pendingAt(point)?.id ?? picker.maskAt(point)?.id ?? null;
      const targetId = focusTouched(point, point, radius) ?? under();
      view.set({ stroke: { points: [point], radius, erase, targetId } });
      return true;
    },

    drag(points) {
      const { stroke } = view.get();
      if (!stroke) return;
      let { targetId } = stroke;
      let last = stroke.points[stroke.points.length - 1];
      for (const point of points) {
        targetId ??= focusTouched(last, point, stroke.radius);
        if (erase) targetId ??= picker.maskTouching(last, point, stroke.radius)?.id ?? null;
        last = point;
      }
      view.set({ stroke: { ...stroke, targetId, points: [...stroke.points, ...points] } });
    },

    release() {
      const { stroke } = view.get();
      const { image } = session.get();
      view.set({ stroke: null });
      if (!stroke || !image) return;
      if (erase && !stroke.targetId) return say(gettext('The eraser touched no mask.'));
      const painted = rasterise(stroke.points, stroke.radius, image.width, image.height);
      if (!painted) return say(gettext('That is outside the image.'));
      const known = stroke.targetId && annotations.pendings.has(stroke.targetId);
      const gone = stroke.targetId && !known && !annotations.masks.has(stroke.targetId);
      if (!gone) applyStroke(store, painted, erase, stroke.targetId);
    },

    cancel: () => view.set({ stroke: null }),
  };
}
