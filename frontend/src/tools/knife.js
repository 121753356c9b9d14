import { gettext, ngettext } from '../i18n.js';
import { intersectionArea, overlap } from '../geometry/bitmap.js';
import { touchesSegment } from '../geometry/hit_test.js';
import { cut } from '../geometry/knife.js';
import { rasterise, strays } from '../geometry/stroke.js';
import { SAME_PLACE } from '../store/drafts.js';
import { activePending, selectedMasks } from '../store/focus.js';
import { mayEdit } from '../store/session.js';
import { bitmapOf } from '../store/shapes.js';
import { split } from '../store/split.js';
import { selectTool } from './select.js';

/** @typedef {import('../geometry/stroke.js').Point} Point */

/**
 * A stroke across a mask splits it: a selected or pending one, else the one that it runs through the
 * longest. A click selects.
 * @param {import('./tools.js').Context} context @returns {import('./tools.js').Tool}
 */
export function knifeTool(context) {
  const { store, picker, say } = context;
  const { session, view } = store;
  const { tap } = selectTool(context);
  /** @type {import('./tools.js').Press | null} */
  let pressed = null;

  /** @param {Point[]} path @returns {{id: string, shape: import('../geometry/rle.js').Shape}[]} crossed, the likeliest first */
  function crossed(path) {
    const { image } = session.get();
    const line = image && rasterise(path, 0, image.width, image.height);
    if (!line) return [];
    const box = /** @type {const} */ ([line.x, line.y, line.w, line.h]);
    const pending = activePending(store);
    const focused = pending?.shape ? [{ id: pending.id, shape: pending.shape }] : selectedMasks(store).map(asTarget);
    const others = picker.masksIn([...box]).filter(({ id }) => !store.annotations.pendings.has(id)).map(asTarget);
    const length = new Map(others.map(({ id, shape }) => [id, intersectionArea(line, bitmapOf(shape))]));
    others.sort((a, b) => (length.get(b.id) ?? 0) - (length.get(a.id) ?? 0));
    return [...focused, ...others].filter(
      ({ shape }) => overlap(shape.bbox, [...box]) && path.some((point, k) => k > 0 && touchesSegment(bitmapOf(shape), path[k - 1], point, 0.7)),
    );
  }

  /** @param {Point[]} path */
  function slice(path) {
    const targets = crossed(path);
    for (const { id, shape } of targets) {
      const parts = cut(bitmapOf(shape), path);
      if (!parts) continue;
      split(store, id, parts);
      return say(ngettext('Cut into %(count)s part.', 'Cut into %(count)s parts.', parts.length));
    }
    say(
      targets.length
        ? gettext('The cut does not go through. Begin and end it outside the mask.')
        : gettext('The knife touched no mask. Draw a stroke across one.'),
    );
  }

  return {
    tap,

    press(press) {
      if (!session.get().image || !mayEdit(session.get())) return false;
      pressed = press;
      view.set({ draft: { kind: 'knife', points: [press.point] } });
      return true;
    },

    drag(points) {
      const { draft } = view.get();
      if (draft?.kind === 'knife') view.set({ draft: { ...draft, points: [...draft.points, ...points] } });
    },

    release() {
      const { draft, viewport } = view.get();
      view.set({ draft: null });
      if (draft?.kind !== 'knife' || !pressed) return;
      if (strays(draft.points, SAME_PLACE / viewport.scale)) slice(draft.points);
      else tap?.(pressed);
    },

    cancel: () => view.set({ draft: null }),
  };
}

/** @param {import('../store/annotations.js').Mask} mask */
const asTarget = (mask) => ({ id: mask.id, shape: mask });
