import { boxAround } from '../geometry/bitmap.js';
import { insidePolygon, middleOf } from '../geometry/hit_test.js';
import { focusOn, select, selectedMasks, toggleSelected } from '../store/focus.js';
import { move, possibleShift } from '../store/operations.js';
import { mayEdit } from '../store/session.js';

/** @typedef {import('./tools.js').Context} Context */
/** @typedef {import('./tools.js').Press} Press */
/** @typedef {import('../geometry/stroke.js').Point} Point */

/** Less than this, in screen pixels, is an unsteady click. */
const STILL_A_CLICK = 5;

/**
 * A click selects one mask, Shift+click adds or removes one. A drag from a selected mask moves all of
 * them; any other drag selects what has its middle in the rectangle, or with Alt in a lasso.
 * @param {Context} context @returns {import('./tools.js').Tool}
 */
export function selectTool({ store, picker }) {
  const { session, view } = store;
  /** @type {{press: Press, path: Point[], moves: boolean, dragged: boolean} | null} */
  let gesture = null;

  /** @param {Press} press */
  function tap({ point, shift }) {
    const mask = picker.maskAt(point);
    if (shift) return mask && toggleSelected(store, [mask.id]);
    focusOn(store, (picker.pendingAt(point) ?? mask)?.id ?? null);
  }

  function cancel() {
    gesture = null;
    view.set({ lasso: null, shift: null });
  }

  /** @param {Point[]} lasso @param {boolean} add */
  function selectIn(lasso, add) {
    const box = boxAround(lasso.map(({ x, y }) => [x, y, 0, 0]));
    const inside = picker.masksIn(box).filter((mask) => insidePolygon(lasso, middleOf(mask.bbox)));
    const before = add ? selectedMasks(store) : [];
    select(store, [...before, ...inside].map(({ id }) => id));
  }

  return {
    tap,
    cancel,

    aim(point) {
      const under = picker.maskAt(point);
      if (!under) return '';
      return view.get().selection.has(under.id) && mayEdit(session.get()) ? 'selected' : 'mask';
    },

    press(press) {
      const under = picker.maskAt(press.point);
      const moves =
        !press.shift && !!under && view.get().selection.has(under.id) && mayEdit(session.get());
      gesture = { press, path: [press.point], moves, dragged: false };
      return true;
    },

    drag(points) {
      if (!gesture) return;
      gesture.path.push(...points);
      const [from, to] = [gesture.press.point, points[points.length - 1]];
      const far = Math.hypot(to.x - from.x, to.y - from.y) * view.get().viewport.scale;
      gesture.dragged ||= far > STILL_A_CLICK;
      if (!gesture.dragged) return;
      if (gesture.moves) view.set({ shift: possibleShift(store, to.x - from.x, to.y - from.y) });
      else view.set({ lasso: gesture.press.background ? [...gesture.path] : rectangle(from, to) });
    },

    release() {
      const { lasso, shift } = view.get();
      const ended = gesture;
      cancel();
      if (ended && !ended.dragged) tap(ended.press);
      else if (shift) move(store, ...shift);
      else if (lasso && ended) selectIn(lasso, ended.press.shift);
    },
  };
}

/** @param {Point} a @param {Point} b opposite corners @returns {Point[]} */
const rectangle = (a, b) => [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }];
