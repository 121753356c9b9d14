/**
 * Answers clicks in the browser, where the server's encoding of the image is at hand. Whatever goes
 * wrong here, the server answers: this never fails, it only has no answer.
 */
import { decode as decodeRuns } from '../geometry/rle.js';
import { nearestTile } from '../geometry/tiling.js';
import { createDecodeQueue } from './decode_queue.js';

/** @typedef {import('./decoder_thread.js').DecoderThread} DecoderThread */
/** @typedef {import('./decode_queue.js').LocalAnswer} LocalAnswer */
/** @typedef {import('./model.js').EngineName} EngineName */
/** @typedef {import('../api/encodings.js').Encoding} Encoding */
/** @typedef {import('../geometry/rle.js').Shape} Shape */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {import('./prompt_window.js').Prompt} Prompt */
/** @typedef {{id: number, width: number, height: number, pixels_url: string}} OpenImage */
/** @typedef {ReturnType<typeof createLocalDecoder>} LocalDecoder */

/** A larger image would take too much memory beside the one on the screen. */
const MOST_PIXELS = 64e6;
/** The server makes a decoder within seconds, encodings within a minute. */
const FIRST_RETRY = 2000;
const LAST_RETRY = 10000;
/** A browser in which the decoder fails so many times in a row cannot run it. */
const MOST_FAILURES = 3;
/** What is fetched of an image that may be opened next: it is first shown as a whole. */
const TILES_AHEAD = 4;

/**
 * @param {{
 *   encodings: {ofImage: (image: number, near?: Point) => Promise<Encoding>}, startThread: () => DecoderThread,
 *   view: () => {centre: Point, box: import('../geometry/bitmap.js').Box},
 * }} parts  view: the part of the image that is on the screen
 */
export function createLocalDecoder({ encodings, startThread, view }) {
  /** @type {'none' | 'loading' | 'ready' | 'off'} */
  let state = 'none';
  /** @type {DecoderThread | undefined} */
  let thread;
  /** @type {OpenImage | null} */
  let image = null;
  /** @type {number | null} that decodes here */
  let checkpoint = null;
  /** @type {EngineName | null} */
  let engine = null;
  /** Counts openings and reloads: what began in an earlier turn ends without effect. */
  let turn = 0;
  let failures = 0;
  let retryAfter = FIRST_RETRY;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const queue = createDecodeQueue(decode);

  /** Asks what there is and loads it. Until it is here, what answers already goes on answering. */
  async function load() {
    clearTimeout(timer);
    timer = undefined;
    if (!image || state === 'off') return;
    const now = ++turn;
    const { id, pixels_url: picture } = image;
    const encoding = await encodings.ofImage(id, view().centre).catch(() => null);
    if (now !== turn) return;
    if (!encoding?.decoder_url || !encoding.window || !encoding.tiles.length) return later();
    if (state === 'none') state = 'loading';
    thread ??= startThread();
    const { decoder_url: decoder, window: side } = encoding;
    const reply = await thread.ask({
      kind: 'scene', checkpoint: encoding.checkpoint, decoder, side, picture,
      afresh: failures > 0, tiles: tilesOf(encoding), near: view().centre,
    });
    if (now !== turn) return;
    if (reply.passing) return later();
    if (reply.failure !== undefined) return restart();
    if (encoding.checkpoint !== checkpoint) queue.forget();
    checkpoint = encoding.checkpoint;
    state = 'ready';
    failures = 0;
    retryAfter = FIRST_RETRY;
    lookAround();
  }

  function later() {
    timer ??= setTimeout(load, retryAfter);
    retryAfter = Math.min(retryAfter * 2, LAST_RETRY);
  }

  /** The thread is in no state to go on: a new one may be. */
  function restart() {
    turn += 1;
    thread?.stop();
    thread = undefined;
    failures += 1;
    state = failures < MOST_FAILURES ? 'none' : 'off';
    clearTimeout(timer);
    timer = undefined;
    if (state === 'none') later();
  }

  /** @param {Prompt} prompt @param {Shape | null} prior @returns {Promise<LocalAnswer | null>} */
  async function decode(prompt, prior) {
    if (state !== 'ready' || !thread) return null;
    const [asked, of] = [thread, image];
    const reply = await thread.ask({ kind: 'decode', prompt, prior: prior && decodeRuns(prior) });
    if (asked !== thread || of !== image) return null;
    if (reply.gone || reply.passing) later();
    else if (reply.failure !== undefined) restart();
    else {
      engine = reply.engine ?? engine;
      return { shape: reply.shape ?? null, score: reply.score ?? 0, checkpoint: reply.checkpoint ?? null };
    }
    return null;
  }

  function lookAround() {
    const { centre: near, box } = view();
    if (state === 'ready') void thread?.ask({ kind: 'lookAround', box, near });
  }

  return {
    get state() {
      return state;
    },
    /** @returns {number | null} the checkpoint that decodes here */
    get checkpoint() {
      return state === 'ready' ? checkpoint : null;
    },
    /** @returns {EngineName | null} what decoded last */
    get engine() {
      return engine;
    },
    get medianTime() {
      return queue.medianTime;
    },

    /** @param {OpenImage | null} next */
    open(next) {
      turn += 1;
      clearTimeout(timer);
      timer = undefined;
      queue.forget();
      image = next && next.width * next.height <= MOST_PIXELS ? { ...next } : null;
      if (state !== 'off') state = 'none';
      retryAfter = FIRST_RETRY;
      void load();
    },

    /** More of the image is encoded now. */
    refresh: () => void load(),

    /** @param {number | null} answering the checkpoint that answers on the server */
    expect(answering) {
      if (state === 'ready' && answering !== null && answering !== checkpoint) void load();
    },

    /** The view rests somewhere else: what is there is fetched before somebody clicks. */
    lookAround,

    /**
     * The browser keeps what an image begins with, if the server has it already.
     * @param {number} id of an image that may be opened next @returns {Promise<boolean>} it has
     */
    async prepare(id) {
      const encoding = await encodings.ofImage(id).catch(() => null);
      if (!encoding?.tiles.length || !thread || state !== 'ready') return false;
      const [tiles, ahead] = [tilesOf(encoding), /** @type {string[]} */ ([])];
      const middle = middleOf(tiles);
      while (tiles.length && ahead.length < TILES_AHEAD) {
        const [{ url }] = tiles.splice(tiles.indexOf(nearestTile(tiles, middle)), 1);
        ahead.push(url);
      }
      await thread.ask({ kind: 'fetch', urls: ahead });
      return true;
    },

    /**
     * @param {number} of image @param {Prompt} prompt @param {Shape | null} prior
     * @returns {Promise<LocalAnswer | null>} null: the server has to say
     */
    answer(of, prompt, prior) {
      if (state !== 'ready' || image?.id !== of) return Promise.resolve(null);
      return queue.answer(prompt, prior);
    },

    /** @param {Point} point @returns {Promise<LocalAnswer | null>} what a click would give; null when a later one is asked */
    preview: (point) => (state === 'ready' ? queue.preview(point) : Promise.resolve(null)),
  };
}

/** @param {Encoding} encoding @returns {import('./tiles.js').RemoteTile[]} */
const tilesOf = ({ tiles, scale }) => tiles.map((tile) => ({ ...tile, scale }));

/** @param {import('./tiles.js').RemoteTile[]} tiles @returns {Point} the middle of the image, or near it, in its pixels */
function middleOf(tiles) {
  const reach = tiles.map(({ x, y, side, scale }) => [(x + side) / scale, (y + side) / scale]);
  return { x: Math.max(...reach.map(([x]) => x)) / 2, y: Math.max(...reach.map(([, y]) => y)) / 2 };
}
