/** Turns key presses into commands, except while someone types. */

import { nameOf } from './keymap.js';

/** @typedef {import('./commands.js').Commands} Commands */
/** @typedef {import('./shortcuts.js').Shortcut} Shortcut */

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const TYPED_IN = 'input:not([type=checkbox]):not([type=range]), textarea, select, [contenteditable]';
const OWN_KEYS = 'button, a, summary, input[type=checkbox], input[type=range]';

/**
 * @param {{
 *   keymap: import('./keymap.js').Keymap, commands: Commands,
 *   view: import('../store/state.js').State<import('../store/view.js').ViewState>,
 * }} parts
 * @returns {{panning: () => boolean}} whether the space bar is held
 */
export function watchKeyboard({ keymap, commands, view }) {
  /** @type {Map<string, Shortcut>} by the physical key: Shift may be let go first */
  const held = new Map();
  let space = false;

  window.addEventListener('keydown', (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest(TYPED_IN) || document.querySelector('dialog[open]')) return;
    const onControl = target.closest(OWN_KEYS) !== null;
    if (onControl && (event.key === 'Enter' || event.key === ' ' || event.key in ARROWS)) {
      if (!event.ctrlKey) return;
    }
    if (event.key === ' ') {
      space = true;
      document.body.classList.add('panning');
      return event.preventDefault();
    }
    if (crosshairKey(event) || lookKey(event, target)) return event.preventDefault();
    const shortcut = keymap.at(nameOf(event));
    if (!shortcut) return;
    event.preventDefault();
    if (event.repeat && shortcut.release) return;
    if (shortcut.release) held.set(event.code, shortcut);
    shortcut.run();
  });

  /** @param {KeyboardEvent} event @returns {boolean} whether the crosshair took it */
  function crosshairKey(event) {
    if (!view.get().crosshair || event.ctrlKey || event.metaKey) return false;
    const arrow = ARROWS[event.key];
    if (arrow && !event.altKey) commands.moveCrosshair(arrow[0], arrow[1], event.shiftKey);
    else if (event.key === 'Enter') {
      commands.clickCrosshair({ shift: event.shiftKey, background: event.altKey });
    } else return false;
    return true;
  }

  /** Without a crosshair the arrows move the image. @param {KeyboardEvent} event @param {Element} target */
  function lookKey(event, target) {
    const arrow = ARROWS[event.key];
    if (!arrow || event.ctrlKey || event.metaKey || event.altKey) return false;
    if (target !== document.body && !target.closest('.stage')) return false;
    commands.look(arrow[0], arrow[1], event.shiftKey);
    return true;
  }

  window.addEventListener('keyup', (event) => {
    if (event.key === ' ') letGoOfSpace();
    held.get(event.code)?.release?.();
    held.delete(event.code);
  });

  window.addEventListener('blur', () => {
    letGoOfSpace();
    for (const shortcut of held.values()) shortcut.release?.();
    held.clear();
  });

  function letGoOfSpace() {
    space = false;
    document.body.classList.remove('panning');
  }

  return { panning: () => space };
}
