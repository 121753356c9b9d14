import { ariaKeys, keyText } from './key_names.js';

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Builds one element. Attributes are set as attributes; `on…` adds a listener, `class` and `text`
 * mean what they say, true and false are bare attributes and none.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'text') node.textContent = String(value);
    else if (name.startsWith('on')) {
      node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, String(value));
    }
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/**
 * A button with an icon, its name, and its key in the tooltip.
 * @param {{icon: SVGElement, label: string, key?: string, testid?: string, run: () => void, side?: string}} parts
 */
export function iconButton({ icon, label, key, testid, run, side = 'right' }) {
  return element(
    'button',
    {
      type: 'button',
      class: 'icon-button',
      'aria-label': label,
      'aria-keyshortcuts': ariaKeys(key),
      'data-tip': key ? `${label}  ${keyText(key)}` : label,
      'data-tip-side': side,
      'data-testid': testid,
      onclick: run,
    },
    icon,
  );
}

/** Replaces the text only when it differs: live regions speak at every change. @param {Element} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
