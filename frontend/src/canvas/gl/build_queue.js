/** @typedef {ReturnType<typeof createBuildQueue>} BuildQueue */

/** Milliseconds a frame may spend on masks that have arrived: the page stays responsive. */
const BUDGET = 6;
/** Masks between two looks at the clock. */
const HANDFUL = 8;

/**
 * Masks that wait to be made ready for drawing, worked off in the order they came, a little in every
 * frame. Only the latest state of each is built.
 * @template Row
 * @param {(key: string | number, row: Row) => void} build
 * @param {() => number} [now] milliseconds
 */
export function createBuildQueue(build, now = () => performance.now()) {
  /** @type {Map<string | number, Row>} */
  const waiting = new Map();

  return {
    get length() {
      return waiting.size;
    },
    /** @param {string | number} key @param {Row} row */
    add: (key, row) => void waiting.set(key, row),
    /** @param {string | number} key */
    drop: (key) => void waiting.delete(key),
    clear: () => waiting.clear(),
    /** @returns {boolean} whether some still wait */
    work() {
      const end = now() + BUDGET;
      let built = 0;
      for (const [key, row] of waiting) {
        waiting.delete(key);
        build(key, row);
        if (++built % HANDFUL === 0 && now() >= end) break;
      }
      return waiting.size > 0;
    },
  };
}
