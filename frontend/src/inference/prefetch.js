/** Fetches while nothing else is to do: what lies around the view, and what the next image begins with. */

/** @typedef {import('./local_decoder.js').LocalDecoder} LocalDecoder */

/** Milliseconds without a movement after which the view rests. */
const REST = 300;
/** The next image may be in the middle of being encoded: one looks again after so long, a few times. */
const WAIT = 15000;
const MOST_LOOKS = 8;

/**
 * @param {{
 *   view: import('../store/state.js').State<import('../store/view.js').ViewState>,
 *   decoder: Pick<LocalDecoder, 'lookAround' | 'prepare'>, whenIdle?: (work: () => void) => void,
 * }} parts
 */
export function createPrefetcher({ view, decoder, whenIdle = idle }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  let next = 0;

  view.on((now, before) => {
    if (now.viewport === before.viewport && now.screen === before.screen) return;
    clearTimeout(resting);
    resting = setTimeout(() => whenIdle(decoder.lookAround), REST);
  });

  /** @param {number} image @param {number} looks that are left */
  function prepare(image, looks) {
    if (!looks) return;
    whenIdle(async () => {
      if (image !== next || (await decoder.prepare(image)) || image !== next) return;
      waiting = setTimeout(() => prepare(image, looks - 1), WAIT);
    });
  }

  return {
    /** @param {{id: number, pixels_url: string}} image that will probably be opened next */
    nextImage({ id, pixels_url }) {
      clearTimeout(waiting);
      next = id;
      whenIdle(() => (new Image().src = pixels_url));
      prepare(id, MOST_LOOKS);
    },
  };
}

/** @param {() => void} work  browsers that do not tell when they are idle get a second */
function idle(work) {
  if ('requestIdleCallback' in window) requestIdleCallback(work, { timeout: 10000 });
  else setTimeout(work, 1000);
}
