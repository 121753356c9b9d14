/** Panels name the default keys. Where a person has others, these are shown in their place. */
import { ariaKeys, keyText } from './key_names.js';

/** @typedef {Pick<import('./key_editor.js').Keymap, 'ownKey' | 'hasChanges' | 'on'>} Keymap */

const NAMED = '[aria-keyshortcuts], kbd';

/** @param {HTMLElement} root @param {Keymap} keymap */
export function showOwnKeys(root, keymap) {
  /** @type {WeakMap<Element, {key: string, tip: string | null}>} what it was made with */
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

  /** @param {Element} node @returns {{key: string, tip: string | null}} tip: without the key */
  function defaultOf(node) {
    const key = node.getAttribute('aria-keyshortcuts')?.replace('Control', 'Ctrl') ?? node.textContent ?? '';
    const tip = node.getAttribute('data-tip');
    return { key, tip: tip?.endsWith(`  ${keyText(key)}`) ? tip.slice(0, -keyText(key).length - 2) : tip };
  }

  /** @param {Element} node */
  function show(node) {
    const { key, tip } = defaults.get(node) ?? defaultOf(node);
    defaults.set(node, { key, tip });
    const own = keymap.ownKey(key);
    if (node instanceof HTMLElement && node.tagName === 'KBD') {
      node.hidden = !own;
      if (node.textContent !== keyText(own)) node.textContent = keyText(own);
      return;
    }
    node.setAttribute('aria-keyshortcuts', ariaKeys(own) ?? '');
    if (tip !== null) node.setAttribute('data-tip', own ? `${tip}  ${keyText(own)}` : tip);
  }

  keymap.on(update);
  update();
}
