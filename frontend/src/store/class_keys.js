/** Which number key chooses which class. */

/** @typedef {import('./session.js').LabelClass} LabelClass */

const DIGITS = [...'123456789'];

/**
 * Classes with a key of their own have that; the others get the free ones, in their order.
 * @param {LabelClass[]} classes @returns {Map<string, LabelClass>} digit → class
 */
export function classKeys(classes) {
  const keys = new Map(classes.filter(({ hotkey }) => hotkey).map((row) => [/** @type {string} */ (row.hotkey), row]));
  const free = DIGITS.filter((digit) => !keys.has(digit));
  for (const row of classes) {
    const digit = row.hotkey ? undefined : free.shift();
    if (digit) keys.set(digit, row);
  }
  return keys;
}
