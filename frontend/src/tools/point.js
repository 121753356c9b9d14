import { insideImage } from '../geometry/hit_test.js';
import { gettext } from '../i18n.js';
import { activePending, focusOn, selectedMask, selectedMasks, toggleSelected } from '../store/focus.js';
import { askFor, refine } from '../store/edits.js';
import { isArriving, mayEdit } from '../store/session.js';

/** @typedef {import('./tools.js').Context} Context */
/** @typedef {import('./tools.js').Press} Press */

const SAME_PLACE = 4;

/**
 * A click asks for a nucleus; Shift and background clicks refine the pending or the selected one.
 * @param {Context} context @returns {import('./tools.js').Tool}
 */
export function pointTool({ store, picker, say }) {
  /** Clicks on parts of the image whose masks have not come yet. @type {Press[]} */
  let early = [];
  let imageOfEarly = 0;

  store.session.on(() => {
    if (!early.length) return;
    const session = store.session.get();
    const due = early.filter(({ point }) => !isArriving(session, point));
    if (session.image?.id !== imageOfEarly) early = [];
    else if (due.length) {
      early = early.filter((press) => !due.includes(press));
      due.forEach(tool.tap);
    }
  });

  const tool = {
    /** @param {Press} press */
    tap({ point, shift, background }) {
      const { image } = store.session.get();
      const { background: always } = store.view.get();
      if (!image || !mayEdit(store.session.get())) return;
      if (!insideImage(point, image.width, image.height)) return say(gettext('That is outside the image.'));
      if (background || always) {
        if (!refine(store, point, false)) {
          say(gettext('Click a nucleus first; background clicks then correct its mask.'));
        }
        return;
      }
      if (shift && refine(store, point, true)) return;
      const mask = picker.maskAt(point);
      if (shift && mask && selectedMasks(store).length > 1) return toggleSelected(store, [mask.id]);
      const pending = picker.pendingAt(point);
      if (pending && pending.id === activePending(store)?.id) {
        return say(gettext('This mask is pending: Enter accepts it, Delete rejects it.'));
      }
      if (pending) return focusOn(store, pending.id);
      if (repeats(point)) return;
      if (mask && mask.id === selectedMask(store)?.id) return focusOn(store, null);
      if (mask) return focusOn(store, mask.id);
      if (isArriving(store.session.get(), point)) {
        imageOfEarly = image.id;
        if (!early.some((other) => isSamePlace(other.point, point))) early.push({ point, shift, background });
        return say(gettext('The nuclei of this part are still loading; your click waits for them.'));
      }
      askFor(store, point);
    },
  };
  return tool;

  /** A double click must not ask twice. @param {import('../geometry/stroke.js').Point} point */
  function repeats(point) {
    return [...store.annotations.pendings.values()].some(
      ({ status, clicks }) => status === 'thinking' && clicks.some((c) => c.positive && isSamePlace(c, point)),
    );
  }

  /** @param {import('../geometry/stroke.js').Point} a @param {import('../geometry/stroke.js').Point} b */
  function isSamePlace(a, b) {
    return Math.hypot(a.x - b.x, a.y - b.y) * store.view.get().viewport.scale < SAME_PLACE;
  }
}
