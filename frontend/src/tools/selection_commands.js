/** Commands about the selection: what belongs to it, and what becomes of it. */
import { grow, shrink, smooth } from '../geometry/morphology.js';
import { withoutHoles } from '../geometry/regions.js';
import { visibleBox } from '../geometry/viewport.js';
import { gettext, ngettext } from '../i18n.js';
import { select, selectedMask } from '../store/focus.js';
import { duplicate, merge, move, reshape, targets } from '../store/operations.js';
import { mayEdit } from '../store/session.js';

/** @param {import('./tools.js').Context} context */
export function createSelectionCommands({ store, picker, say }) {
  const { annotations, session, view } = store;

  /** @param {import('../store/annotations.js').Mask[]} masks @param {string} none */
  function selectAll(masks, none) {
    if (session.get().arriving) {
      return say(gettext('Not all nuclei are loaded yet, so some would be missed. Try again in a moment.'));
    }
    if (!masks.length) return say(none);
    select(store, masks.map(({ id }) => id));
    say(ngettext('%(count)s nucleus selected.', '%(count)s nuclei selected.', masks.length));
  }

  /** @returns {boolean} whether there is something to work on, else the person is told */
  function ready() {
    if (!mayEdit(session.get())) return false;
    if (targets(store).length) return true;
    say(gettext('Select a nucleus first: click it, or drag around several with the select tool (V).'));
    return false;
  }

  /**
   * @param {Parameters<typeof reshape>[1]} change @param {string} nothing  what to say when all stay as they are
   */
  function operate(change, nothing) {
    if (!ready()) return;
    const { changed, lost } = reshape(store, change);
    if (lost) {
      say(ngettext(
        '%(count)s nucleus was left as it was: nothing of it would remain.',
        '%(count)s nuclei were left as they were: nothing of them would remain.', lost,
      ));
    } else if (!changed) say(nothing);
  }

  return {
    selectInView() {
      const { viewport, screen } = view.get();
      selectAll(picker.masksIn(visibleBox(viewport, screen)), gettext('There are no masks in view.'));
    },

    selectMine() {
      const { user } = session.get();
      const mine = [...annotations.masks.values()].filter((mask) => mask.author === user?.id);
      selectAll(mine, gettext('You have no masks on this image.'));
    },

    /** The class of the selected nucleus, else that of the next. */
    selectClass() {
      const only = selectedMask(store);
      const wanted = only ? only.label_class : view.get().currentClass;
      const same = [...annotations.masks.values()].filter((mask) => mask.label_class === wanted);
      selectAll(same, gettext('No nucleus on this image has the class that is chosen in the list.'));
    },

    merge() {
      if (!ready()) return;
      const { of, parts } = merge(store);
      if (of < 2) return say(gettext('Select at least two nuclei to merge: Shift+click adds one.'));
      if (parts > 1) say(gettext('Merged, but in %(count)s parts that do not touch.', { count: parts }));
    },

    fillHoles: () => operate(withoutHoles, gettext('There is no hole to fill.')),
    smooth: () => operate(smooth, gettext('It is as smooth as it gets.')),
    grow: () => operate(grow, gettext('It cannot grow: it reaches the image’s border or other nuclei all around.')),
    shrink: () => operate(shrink, gettext('Nothing was changed.')),

    duplicate() {
      if (!ready()) return;
      const copies = duplicate(store);
      if (copies) say(ngettext('Copied. Drag the copy to its place with the select tool.', '%(count)s copies. Drag them to their place with the select tool.', copies));
    },

    /** @param {number} dx @param {number} dy pixels */
    nudge(dx, dy) {
      if (ready() && !move(store, dx, dy)) say(gettext('It cannot move further that way.'));
    },
  };
}
