/**
 * The one owner of requestAnimationFrame. A layer is drawn once per frame however often it is asked
 * for; a draw function that returns true is drawn again in the next frame.
 */
export function createScheduler() {
  /** @type {Map<string, (time: number) => boolean | void>} */
  const layers = new Map();
  /** @type {Set<string>} */
  const wanted = new Set();
  /** @type {Set<string>} */
  const late = new Set();
  let frame = 0;

  /** @param {number} time */
  function run(time) {
    frame = 0;
    const due = [...wanted];
    const next = [...late].filter((name) => !wanted.has(name));
    wanted.clear();
    late.clear();
    for (const name of due) if (layers.get(name)?.(time)) request(name);
    next.forEach(request);
  }

  /** @param {string} name */
  function request(name) {
    wanted.add(name);
    if (!frame) frame = requestAnimationFrame(run);
  }

  /** After the next frame, so as not to hold it up; or in it, if it is to be drawn then anyway. @param {string} name */
  function requestLate(name) {
    late.add(name);
    if (!frame) frame = requestAnimationFrame(run);
  }

  return {
    request,
    requestLate,
    /** @param {string} name @param {(time: number) => boolean | void} draw in order of registration */
    add: (name, draw) => void layers.set(name, draw),
  };
}
