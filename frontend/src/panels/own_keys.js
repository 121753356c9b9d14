/** Panels name the default keys. Where a person has others, these are shown in their place. */
import { keycapText } from './keycaps.js';

/** @typedef {Pick<import('./key_editor.js').Keymap, 'ownKey' | 'hasChanges' | 'on'>} Keymap */

const NAMED = '[aria-keyshortcuts], kbd';

/** @param {HTMLElement} root @param {Keymap} keymap */
export function showOwnKeys(root, keymap) {
  /** @type {WeakMap<Element, string>} the default key that it was made with */
  const defaults = new WeakMap();
  let watching = false;

  function update() {
    if (!watching && !keymap.hasChanges()) return;
    if (!watching) new MutationObserver(update).observe(root, { childList: true, subtree: true });
    watching = true;
    for (const node of root.querySelectorAll(NAMED)) {
      if (!node.closest('dialog')) show(node);
    }
  }

  /** @param {Element} node */
  function show(node) {
    const named = node.getAttribute('aria-keyshortcuts')?.replace('Control', 'Ctrl') ?? node.textContent ?? '';
    const key = defaults.get(node) ?? named;
    defaults.set(node, key);
    const own = keymap.ownKey(key);
    if (node instanceof HTMLElement && node.tagName === 'KBD') {
      node.hidden = !own;
      if (node.textContent !== keycapText(own)) node.textContent = keycapText(own);
      return;
    }
    node.setAttribute('aria-keyshortcuts', own.replace('Ctrl', 'Control'));
    const label = node.getAttribute('aria-label');
    if (label && node.hasAttribute('data-tip')) node.setAttribute('data-tip', own ? `${label}  ${own}` : label);
  }

  keymap.on(update);
  update();
}
