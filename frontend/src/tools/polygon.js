import { gettext } from '../i18n.js';
import { closesPolygon } from '../store/drafts.js';
import { beginOutline, finishOutline } from './outlining.js';

/**
 * Clicks set corners; a double click, Enter or the first corner closes the outline.
 * @param {import('./tools.js').Context} context @returns {import('./tools.js').Tool}
 */
export function polygonTool(context) {
  const { store, say } = context;
  const { view } = store;

  const current = () => {
    const { draft } = view.get();
    return draft?.kind === 'polygon' ? draft : null;
  };

  function close() {
    const draft = current();
    if (!draft) return false;
    if (draft.points.length < 3) say(gettext('A polygon needs three corners: click on.'));
    else {
      view.set({ draft: null });
      finishOutline(context, draft);
    }
    return true;
  }

  return {
    tap(press) {
      const draft = current();
      const { point } = press;
      if (!draft) return view.set({ draft: beginOutline(context, 'polygon', press) });
      if (closesPolygon(draft, point, view.get().viewport.scale)) return void close();
      view.set({ draft: { ...draft, points: [...draft.points, point] } });
    },

    finish: close,

    back() {
      const draft = current();
      if (!draft) return false;
      const points = draft.points.slice(0, -1);
      view.set({ draft: points.length ? { ...draft, points } : null });
      return true;
    },

    aim: (point) => (closesPolygon(current(), point, view.get().viewport.scale) ? 'close' : ''),

    cancel: () => view.set({ draft: null }),
  };
}
