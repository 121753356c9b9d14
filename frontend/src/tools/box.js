import { gettext } from '../i18n.js';
import { rectangleOf } from '../geometry/rectangle.js';
import { strays } from '../geometry/stroke.js';
import { SAME_PLACE } from '../store/drafts.js';
import { askInBox } from '../store/edits.js';
import { mayEdit } from '../store/session.js';
import { pointTool } from './point.js';

/**
 * A box around a nucleus asks for it. A click does what it does with the point tool, so an answer is
 * refined without changing tools.
 * @param {import('./tools.js').Context} context @returns {import('./tools.js').Tool}
 */
export function boxTool(context) {
  const { store, say } = context;
  const { session, view } = store;
  const { tap } = pointTool(context);
  /** @type {import('./tools.js').Press | null} */
  let pressed = null;

  return {
    tap,

    press(press) {
      if (!session.get().image || !mayEdit(session.get())) return false;
      pressed = press;
      view.set({ draft: { kind: 'box', from: press.point, to: press.point } });
      return true;
    },

    drag(points) {
      const { draft } = view.get();
      if (draft?.kind === 'box') view.set({ draft: { ...draft, to: points[points.length - 1] } });
    },

    release() {
      const { draft, viewport } = view.get();
      const { image } = session.get();
      view.set({ draft: null });
      if (draft?.kind !== 'box' || !image || !pressed) return;
      if (!strays([draft.from, draft.to], SAME_PLACE / viewport.scale)) return tap?.(pressed);
      const box = rectangleOf(draft.from, draft.to, image.width, image.height);
      if (box) askInBox(store, box);
      else say(gettext('That is outside the image, or no box: drag from corner to corner around a nucleus.'));
    },

    cancel: () => view.set({ draft: null }),
  };
}
