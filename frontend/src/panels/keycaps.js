import { gettext } from '../i18n.js';
import { element } from './element.js';

/** @type {Record<string, string>} */
const CAPS = { ArrowRight: '→', ArrowLeft: '←', ArrowUp: '↑', ArrowDown: '↓' };

/** @param {string} keys as in shortcuts: "Ctrl+Z", "+", "Ctrl++" @returns {string[]} */
const parts = (keys) => keys.match(/^\+$|[^+]+|(?<=\+)\+$/g) ?? [];

/** @param {string} keys @returns {string} on one cap */
export const keycapText = (keys) => parts(keys).map((name) => CAPS[name] ?? name).join('+');

/** @param {string} keys @returns {(Node | string)[]} a cap for each */
export function keycaps(keys) {
  return parts(keys).flatMap((name, k) => [k ? ' ' : '', element('kbd', { text: CAPS[name] ?? name })]);
}

/** @param {string[]} keys each of them does it @returns {(Node | string)[]} */
export const anyOf = (keys) =>
  keys.flatMap((key, k) => (k ? [` ${gettext('or')} `, ...keycaps(key)] : keycaps(key)));
