/**
 * What pointers that go down, move and up mean: a tap, a drawn line, a drag of the image, a pinch.
 * Knows nothing of the page, so that any sequence of events can be tried.
 */

/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {'mouse' | 'pen' | 'touch'} Kind */
/**
 * @typedef {{id: number, kind: Kind, at: Point, button?: number, shift?: boolean, alt?: boolean, passed?: Point[]}} Event
 *   at: in client pixels; passed: every place since the event before, the last one is `at`
 */
/** @typedef {{shift: boolean, background: boolean}} How */
/**
 * @typedef {{
 *   tap: (at: Point, how: How) => void, canTap: () => boolean,
 *   press: (at: Point, how: How) => boolean, drag: (passed: Point[]) => void,
 *   release: () => void, cancel: () => void,
 *   pan: (dx: number, dy: number) => void, pinch: (dx: number, dy: number, factor: number, at: Point) => void,
 *   panning: () => boolean,
 * }} Actions
 *   press: whether it begins to draw; panning: every drag moves the image, whatever the tool
 */

/** A pointer that moves less than this, in pixels, stands still. A finger rolls. */
const SLACK = { mouse: 4, pen: 6, touch: 10 };
/** A finger that rests this long is the right button. */
const HOLD = 500;
const MIDDLE = 1;
const RIGHT = 2;

/** @param {Actions} act */
export function createGestures(act) {
  /** @type {Map<number, {kind: Kind, at: Point}>} in the order in which they came down */
  const down = new Map();
  /**
   * undecided: a touch that may yet become a tap, a hold, a line or a pinch; spent: nothing more
   * follows until every pointer is up.
   * @type {'none' | 'undecided' | 'tap' | 'draw' | 'pan' | 'pinch' | 'spent'}
   */
  let gesture = 'none';
  let start = { x: 0, y: 0 };
  /** @type {How} */
  let how = { shift: false, background: false };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let holding;
  let penSeen = false;

  /** @param {Event} event */
  const howOf = ({ button = 0, shift = false, alt = false }) => ({ shift, background: button === RIGHT || alt });

  function stop() {
    clearTimeout(holding);
    if (gesture === 'draw') act.cancel();
    gesture = 'spent';
  }

  /** The pen draws; the hand that holds it does not. */
  function penArrives() {
    if (down.size) stop();
    down.clear();
    gesture = 'none';
  }

  /** @param {Event} event */
  function begin({ kind, at, button = 0 }) {
    if (button === MIDDLE || act.panning()) gesture = 'pan';
    else if (kind === 'touch') {
      gesture = 'undecided';
      if (!penSeen) holding = setTimeout(hold, HOLD);
    } else if (button === 0 && act.press(at, how)) gesture = 'draw';
    else gesture = act.canTap() ? 'tap' : 'spent';
  }

  function hold() {
    if (gesture !== 'undecided' || !act.canTap()) return;
    gesture = 'spent';
    act.tap(start, { ...how, background: true });
  }

  /** @param {Point} at the undecided finger has left its place */
  function leave(at) {
    clearTimeout(holding);
    if (penSeen || !act.press(start, how)) gesture = 'pan';
    else {
      gesture = 'draw';
      act.drag([at]);
    }
  }

  /** An undecided finger that is lifted: a tap, or a dot of the brush. */
  function dab() {
    clearTimeout(holding);
    if (penSeen) return;
    if (act.press(start, how)) act.release();
    else if (act.canTap()) act.tap(start, how);
  }

  /** @param {number} id @param {Point} at */
  function pinch(id, at) {
    const before = pair();
    place(id, at);
    const after = pair();
    if (after.length < 2) return;
    const [a, b] = [middle(before), middle(after)];
    act.pinch(b.x - a.x, b.y - a.y, span(after) / Math.max(span(before), 1), b);
  }

  const pair = () => [...down.values()].slice(0, 2).map((pointer) => pointer.at);

  /** @param {number} id @param {Point} at */
  function place(id, at) {
    const pointer = down.get(id);
    if (pointer) pointer.at = at;
  }

  /** @param {Pick<Event, 'id'>} event */
  function cancel({ id }) {
    if (!down.delete(id)) return;
    stop();
    if (!down.size) gesture = 'none';
  }

  return {
    get gesture() {
      return gesture;
    },

    /** @param {Event} event */
    down(event) {
      const { id, kind, at } = event;
      if (kind === 'pen') penSeen = true;
      const penIsDown = [...down.values()].some((pointer) => pointer.kind === 'pen');
      if (kind === 'touch' && penIsDown) return;
      if (kind === 'pen') penArrives();
      cancel(event); // of an end that was never told
      down.set(id, { kind, at });
      if (down.size > 1) {
        stop();
        gesture = 'pinch';
      } else {
        start = at;
        how = howOf(event);
        begin(event);
      }
    },

    /** @param {Event} event */
    move({ id, kind, at, passed = [at] }) {
      const pointer = down.get(id);
      if (!pointer) return;
      if (gesture === 'pinch') return pinch(id, at);
      const left = Math.hypot(at.x - start.x, at.y - start.y) > SLACK[kind];
      if (gesture === 'tap' && left) gesture = 'pan';
      if (gesture === 'undecided' && left) leave(at);
      else if (gesture === 'draw') act.drag(passed);
      // While it may be a tap the place stays: the first pan makes up for the slack.
      if (gesture === 'pan') act.pan(at.x - pointer.at.x, at.y - pointer.at.y);
      if (gesture !== 'tap' && gesture !== 'undecided') place(id, at);
    },

    /** @param {Event} event */
    up({ id }) {
      if (!down.delete(id)) return;
      // What was aimed at is where it came down.
      if (gesture === 'tap') act.tap(start, how);
      if (gesture === 'undecided') dab();
      if (gesture === 'draw') act.release();
      gesture = down.size ? (gesture === 'pinch' ? 'pinch' : 'spent') : 'none';
    },

    cancel,

    /** A pen in the air is a pen, too. */
    hover(/** @type {Kind} */ kind) {
      if (kind === 'pen') penSeen = true;
    },

    get isDown() {
      return down.size > 0;
    },
  };
}

/** @param {Point[]} points two */
const middle = ([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
/** @param {Point[]} points two */
const span = ([a, b]) => Math.hypot(a.x - b.x, a.y - b.y);
