/** Talking about the image, by key or button. */
import { gettext } from '../i18n.js';
import { placeOf } from '../store/comments.js';
import { selectedMask } from '../store/focus.js';

/**
 * @param {import('./tools.js').Context} context @param {Pick<import('./commands.js').Camera, 'lookAt'>} camera
 */
export function createCommentCommands({ store, say }, camera) {
  const { annotations, comments, session, view } = store;
  return {
    /** A thread at the selected nucleus, else at the crosshair or under the pointer, else about all. */
    beginComment() {
      if (session.get().role === 'viewer') return say(gettext('Your role here only looks.'));
      const mask = selectedMask(store);
      const { crosshair, pointer } = view.get();
      const box = mask?.bbox;
      const at = box ? { x: box[0] + box[2] / 2, y: box[1] + box[3] / 2 } : (crosshair ?? pointer);
      comments.set({ pin: { mask: mask?.id ?? null, at: at ?? null }, open: null });
    },

    /** @param {import('../store/comments.js').Comment} first of the thread to look at */
    showThread(first) {
      comments.set({ open: first.id, pin: null });
      const place = placeOf(first, annotations.masks);
      if (place) camera.lookAt(place);
      if (first.mask && annotations.masks.has(first.mask)) {
        view.set({ selectedId: first.mask, selection: new Set([first.mask]), activeId: null });
      }
    },
  };
}
