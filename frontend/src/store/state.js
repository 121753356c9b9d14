/**
 * A small observable record: `set` merges, and tells listeners only when something changed.
 * @template {object} T
 * @typedef {{
 *   get: () => Readonly<T>,
 *   set: (changes: Partial<T>) => void,
 *   on: (listener: (now: Readonly<T>, before: Readonly<T>) => void) => () => void,
 * }} State
 */

/** @template {object} T @param {T} initial @returns {State<T>} */
export function createState(initial) {
  let now = initial;
  /** @type {Set<(now: T, before: T) => void>} */
  const listeners = new Set();
  return {
    get: () => now,
    set(changes) {
      const before = now;
      const keys = /** @type {(keyof T)[]} */ (Object.keys(changes));
      if (keys.every((key) => Object.is(changes[key], before[key]))) return;
      now = { ...before, ...changes };
      for (const listener of [...listeners]) listener(now, before);
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
