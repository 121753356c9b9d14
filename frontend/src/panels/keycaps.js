import { gettext } from '../i18n.js';
import { element } from './element.js';
import { keyNames } from './key_names.js';

/** @param {string} keys as in shortcuts: "Ctrl+Z" @returns {(Node | string)[]} a cap for each */
export function keycaps(keys) {
  return keyNames(keys).flatMap((name, k) => [k ? ' ' : '', element('kbd', { text: name })]);
}

/** @param {string[]} keys each of them does it @returns {(Node | string)[]} */
export const anyOf = (keys) =>
  keys.flatMap((key, k) => (k ? [` ${gettext('or')} `, ...keycaps(key)] : keycaps(key)));
