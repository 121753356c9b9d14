/** Pointer events of mouse, pen and touch, as the few gestures that tools know. */

import { createGestures } from './gestures.js';

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

/**
 * @param {{
 *   container: HTMLElement, view: import('../store/state.js').State<import('../store/view.js').ViewState>,
 *   stage: import('./stage.js').Stage, tool: () => Tool, panning: () => boolean,
 *   resizeBrush: (steps: number) => void,
 * }} parts  panning: the space bar is held, whatever the tool
 */
export function watchPointer({ container, view, stage, tool, panning, resizeBrush }) {
  const gestures = createGestures({
    panning,
    canTap: () => tool().tap !== undefined,
    tap: (at, how) => tool().tap?.({ point: stage.fromClient(at), ...how }),
    press: (at, how) => tool().press?.({ point: stage.fromClient(at), ...how }) ?? false,
    drag: (passed) => tool().drag?.(passed.map(stage.fromClient)),
    release: () => tool().release?.(),
    cancel: () => tool().cancel?.(),
    pan: stage.pan,
    pinch(dx, dy, factor, at) {
      stage.pan(dx, dy);
      const box = container.getBoundingClientRect();
      stage.zoom(factor, { x: at.x - box.left, y: at.y - box.top });
    },
  });

  /** @param {PointerEvent} event */
  const placeOf = (event) => ({ x: event.clientX, y: event.clientY });
  /** @param {PointerEvent} event @returns {import('./gestures.js').Event} */
  const read = (event) => ({
    id: event.pointerId,
    kind: event.pointerType === 'touch' || event.pointerType === 'pen' ? event.pointerType : 'mouse',
    at: placeOf(event),
    button: event.button,
    shift: event.shiftKey,
    alt: event.altKey,
  });

  container.addEventListener('pointerdown', (event) => {
    if (event.target !== container && !(/** @type {HTMLElement} */ (event.target).matches('canvas'))) return;
    container.focus({ preventScroll: true });
    container.classList.add('by-pointer');
    container.setPointerCapture(event.pointerId);
    const pressed = read(event);
    view.set({ crosshair: null, pressed: stage.fromClient(pressed.at) });
    gestures.down(pressed);
    event.preventDefault();
  });

  container.addEventListener('pointermove', (event) => {
    const { kind, ...moved } = read(event);
    gestures.hover(kind);
    const coalesced = event.getCoalescedEvents?.() ?? [];
    const passed = coalesced.length ? coalesced.map(placeOf) : [moved.at];
    if (kind !== 'touch' || gestures.gesture === 'draw') view.set({ pointer: stage.fromClient(moved.at) });
    gestures.move({ kind, ...moved, passed });
  });

  for (const [name, ended] of /** @type {const} */ ([['pointerup', gestures.up], ['pointercancel', gestures.cancel]])) {
    container.addEventListener(name, (event) => {
      ended(read(event));
      if (!gestures.isDown) view.set({ pressed: null });
      // A finger that is gone points at nothing.
      if (event.pointerType === 'touch') view.set({ pointer: null });
    });
  }

  container.addEventListener('pointerleave', () => {
    if (!gestures.isDown) view.set({ pointer: null });
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
