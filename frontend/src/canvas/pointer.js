/** Pointer events of mouse, pen and touch, as the few gestures that tools know. */

/** @typedef {import('../geometry/stroke.js').Point} Point */
/**
 * @typedef {{point: Point, shift: boolean, background: boolean}} Press
 *   point in image pixels; background: the right button, the pen's barrel button or Alt
 */
/**
 * A tool answers taps, or draws by dragging. Where `press` is missing or refuses, a drag moves the image.
 * What it draws with is `sized` by the wheel.
 * @typedef {{
 *   tap?: (press: Press) => void,
 *   press?: (press: Press) => boolean, drag?: (points: Point[]) => void,
 *   release?: () => void, cancel?: () => void, sized?: boolean,
 * }} Tool
 */

const STILL_A_TAP = 4;
const STILL_A_TOUCH_TAP = 10;

/**
 * @param {{
 *   container: HTMLElement, view: import('../store/state.js').State<import('../store/view.js').ViewState>,
 *   stage: import('./stage.js').Stage, tool: () => Tool, panning: () => boolean,
 *   resizeBrush: (steps: number) => void,
 * }} parts  panning: the space bar is held, whatever the tool
 */
export function watchPointer({ container, view, stage, tool, panning, resizeBrush }) {
  /** @type {Map<number, {x: number, y: number}>} pointers that are down, in client pixels */
  const down = new Map();
  /** @type {'none' | 'tap' | 'draw' | 'pan' | 'pinch'} */
  let gesture = 'none';
  /** @type {Point} */
  let start = { x: 0, y: 0 };

  /** @param {PointerEvent} event @returns {Press} */
  const pressOf = (event) => ({
    point: stage.fromClient({ x: event.clientX, y: event.clientY }),
    shift: event.shiftKey,
    background: event.button === 2 || event.altKey,
  });

  container.addEventListener('pointerdown', (event) => {
    if (event.target !== container && !(/** @type {HTMLElement} */ (event.target).matches('canvas'))) return;
    container.focus({ preventScroll: true });
    container.classList.add('by-pointer');
    container.setPointerCapture(event.pointerId);
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    view.set({ crosshair: null, pressed: true });
    if (down.size > 1) {
      if (gesture === 'draw') tool().cancel?.();
      gesture = 'pinch';
      return;
    }
    start = { x: event.clientX, y: event.clientY };
    if (event.button === 1 || panning()) gesture = 'pan';
    else if (event.button === 0 && tool().press?.(pressOf(event))) gesture = 'draw';
    else gesture = tool().tap ? 'tap' : 'none';
    event.preventDefault();
  });

  container.addEventListener('pointermove', (event) => {
    if (event.pointerType !== 'touch' || gesture === 'draw') {
      view.set({ pointer: stage.fromClient({ x: event.clientX, y: event.clientY }) });
    }
    const before = down.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    if (gesture === 'pinch') pinch(event.pointerId, now);
    const slack = event.pointerType === 'touch' ? STILL_A_TOUCH_TAP : STILL_A_TAP;
    if (gesture === 'tap' && Math.hypot(now.x - start.x, now.y - start.y) > slack) gesture = 'pan';
    if (gesture === 'pan') stage.pan(now.x - before.x, now.y - before.y);
    if (gesture === 'draw') {
      const events = event.getCoalescedEvents?.() ?? [];
      const passed = events.length ? events : [event];
      tool().drag?.(passed.map((e) => stage.fromClient({ x: e.clientX, y: e.clientY })));
    }
    if (gesture !== 'tap') down.set(event.pointerId, now);
  });

  /** @param {number} id @param {Point} now */
  function pinch(id, now) {
    const before = [...down.values()].slice(0, 2);
    down.set(id, now);
    const after = [...down.values()].slice(0, 2);
    if (after.length < 2) return;
    const [a, b] = [middle(before), middle(after)];
    stage.pan(b.x - a.x, b.y - a.y);
    const box = container.getBoundingClientRect();
    const factor = span(after) / Math.max(span(before), 1);
    stage.zoom(factor, { x: b.x - box.left, y: b.y - box.top });
  }

  container.addEventListener('pointerup', (event) => {
    if (!down.delete(event.pointerId)) return;
    if (gesture === 'tap') tool().tap?.(pressOf(event));
    if (gesture === 'draw') tool().release?.();
    if (!down.size || gesture !== 'pinch') gesture = 'none';
    view.set({ pressed: down.size > 0 });
  });

  container.addEventListener('pointercancel', (event) => {
    if (!down.delete(event.pointerId)) return;
    if (gesture === 'draw') tool().cancel?.();
    gesture = 'none';
    view.set({ pressed: down.size > 0 });
  });

  container.addEventListener('pointerleave', () => {
    if (!down.size) view.set({ pointer: null });
  });
  container.addEventListener('blur', () => container.classList.remove('by-pointer'));
  container.addEventListener('contextmenu', (event) => event.preventDefault());

  container.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
      const delta = event.deltaY * lines;
      if (event.altKey && tool().sized) return resizeBrush(-Math.sign(delta));
      const box = container.getBoundingClientRect();
      const anchor = { x: event.clientX - box.left, y: event.clientY - box.top };
      // A pinch on a trackpad arrives as small deltas with Ctrl.
      stage.zoom(Math.exp(-delta * (event.ctrlKey ? 0.01 : 0.0016)), anchor);
    },
    { passive: false },
  );
}

/** @param {Point[]} points two */
const middle = ([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
/** @param {Point[]} points two */
const span = ([a, b]) => Math.hypot(a.x - b.x, a.y - b.y);
