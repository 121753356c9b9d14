import { strays } from '../geometry/stroke.js';
import { SAME_PLACE } from '../store/drafts.js';
import { beginOutline, finishOutline } from './outlining.js';
import { selectTool } from './select.js';

/**
 * A drag outlines a nucleus; a click selects the mask that Shift and Alt are about.
 * @param {import('./tools.js').Context} context @returns {import('./tools.js').Tool}
 */
export function lassoTool(context) {
  const { view } = context.store;
  const { tap } = selectTool(context);
  /** @type {import('./tools.js').Press | null} */
  let pressed = null;

  return {
    tap,

    press(press) {
      const draft = beginOutline(context, 'lasso', press);
      pressed = press;
      view.set({ draft });
      return draft !== null;
    },

    drag(points) {
      const { draft } = view.get();
      if (draft?.kind === 'lasso') view.set({ draft: { ...draft, points: [...draft.points, ...points] } });
    },

    release() {
      const { draft, viewport } = view.get();
      view.set({ draft: null });
      if (draft?.kind !== 'lasso' || !pressed) return;
      if (strays(draft.points, SAME_PLACE / viewport.scale)) finishOutline(context, draft);
      else tap?.(pressed);
    },

    cancel: () => view.set({ draft: null }),
  };
}
