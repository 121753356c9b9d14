/** @type {Record<string, string>} */
const CAPS = { ArrowRight: '→', ArrowLeft: '←', ArrowUp: '↑', ArrowDown: '↓' };

/** @param {string} keys as in shortcuts: "Ctrl+Z", "+", "Ctrl++" @returns {string[]} as printed on each key */
export const keyNames = (keys) => (keys.match(/^\+$|[^+]+|(?<=\+)\+$/g) ?? []).map((name) => CAPS[name] ?? name);

/** @param {string} keys @returns {string} in one word */
export const keyText = (keys) => keyNames(keys).join('+');

/** @param {string | undefined} keys @returns {string | undefined} for assistive technology */
export const ariaKeys = (keys) => keys?.replace('Ctrl', 'Control');
