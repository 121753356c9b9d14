/**
 * Answers clicks in the browser, where the server's encoding of the image is at hand. Whatever goes
 * wrong here, the server answers: this never fails, it only has no answer.
 */
import { decode as decodeRuns } from '../geometry/rle.js';

/** @typedef {import('./decoder_thread.js').DecoderThread} DecoderThread */
/** @typedef {import('../api/encodings.js').Encoding} Encoding */
/** @typedef {import('../geometry/rle.js').Shape} Shape */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {import('./prompt_window.js').Prompt} Prompt */
/** @typedef {{shape: Shape | null, score: number}} LocalAnswer  no shape: no nucleus there */
/** @typedef {{id: number, width: number, height: number, pixels_url: string}} OpenImage */
/**
 * @typedef {{
 *   prompt: Prompt, prior: Shape | null,
 *   given: Promise<LocalAnswer | null>, give: (answer: LocalAnswer | null) => void,
 * }} Job
 */
/** @typedef {ReturnType<typeof createLocalDecoder>} LocalDecoder */

/** A larger image would take too much memory beside the one on the screen. */
const MOST_PIXELS = 64e6;
/** The server makes a decoder within seconds, encodings within a minute. */
const FIRST_RETRY = 2000;
const LAST_RETRY = 10000;
/** A browser that cannot load the decoder so many times in a row will not. */
const MOST_FAILURES = 3;

/**
 * @param {{
 *   encodings: {ofImage: (image: number) => Promise<Encoding>}, startThread: () => DecoderThread,
 *   viewCentre: () => Point,
 * }} parts
 */
export function createLocalDecoder({ encodings, startThread, viewCentre }) {
  /** @type {'none' | 'loading' | 'ready' | 'off'} */
  let state = 'none';
  /** @type {DecoderThread | undefined} */
  let thread;
  /** @type {OpenImage | null} */
  let image = null;
  /** @type {{checkpoint: number | null, loaded: Promise<unknown>} | null} */
  let model = null;
  /** @type {{url: string, loaded: Promise<unknown>} | null} */
  let pixels = null;
  /** Counts openings and reloads: what began in an earlier turn ends without effect. */
  let turn = 0;
  let failures = 0;
  let retryAfter = FIRST_RETRY;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @type {Job[]} clicks wait for their turn… */
  let clicks = [];
  /** @type {Job | null} …and of previews the latest, after them */
  let preview = null;
  /** @type {Job | null} */
  let running = null;
  /** @type {Job | null} the last that was answered */
  let latest = null;
  /** @type {number[]} milliseconds of the last decodes */
  let times = [];

  /** Asks what there is and loads it: decoder, pixels, and the tile in view. */
  async function load() {
    clearTimeout(timer);
    timer = undefined;
    if (!image || state === 'off') return;
    const now = ++turn;
    latest = null;
    const encoding = await encodings.ofImage(image.id).catch(() => null);
    if (now !== turn) return;
    if (!encoding?.decoder_url || !encoding.window || !encoding.tiles.length) {
      state = 'none';
      return later();
    }
    try {
      if (state !== 'ready' || model?.checkpoint !== encoding.checkpoint) state = 'loading';
      await prepare(encoding, image.pixels_url);
      if (now !== turn) return;
      state = 'ready';
      failures = 0;
      retryAfter = FIRST_RETRY;
    } catch {
      failures += 1;
      if (failures === MOST_FAILURES) giveUp();
      if (failures < MOST_FAILURES && now === turn) later();
    }
  }

  /** @param {Encoding} encoding @param {string} url of the image @throws when a part failed */
  async function prepare({ checkpoint, decoder_url, window, scale, tiles }, url) {
    thread ??= startThread();
    if (model?.checkpoint !== checkpoint) {
      const [from, side] = [/** @type {string} */ (decoder_url), /** @type {number} */ (window)];
      model = { checkpoint, loaded: order({ kind: 'model', url: from, side }) };
    }
    if (pixels?.url !== url) pixels = { url, loaded: order({ kind: 'image', url }) };
    try {
      await Promise.all([model.loaded, pixels.loaded]);
    } catch (error) {
      model = pixels = null;
      throw error;
    }
    // A tile that is gone by now says nothing about the others: a click will find out.
    await thread.ask({ kind: 'tiles', tiles: tiles.map((tile) => ({ ...tile, scale })), near: viewCentre() });
  }

  function later() {
    timer ??= setTimeout(load, retryAfter);
    retryAfter = Math.min(retryAfter * 2, LAST_RETRY);
  }

  function giveUp() {
    state = 'off';
    clearTimeout(timer);
    thread?.stop();
    thread = undefined;
  }

  /** @param {import('./decoder.worker.js').Order} what @throws when it failed */
  async function order(what) {
    const reply = await /** @type {DecoderThread} */ (thread).ask(what);
    if (reply.failure !== undefined) throw new Error(reply.failure);
    return reply;
  }

  async function work() {
    while (!running) {
      running = clicks.shift() ?? preview;
      if (!running) return;
      if (running === preview) preview = null;
      const job = running;
      const found = await answer(job);
      job.give(found);
      latest = found && job;
      running = null;
    }
  }

  /** @param {Job} job @returns {Promise<LocalAnswer | null>} */
  async function answer({ prompt, prior }) {
    if (state !== 'ready' || !thread) return null;
    const now = turn;
    const start = performance.now();
    const reply = await thread
      .ask({ kind: 'decode', prompt, prior: prior && decodeRuns(prior) })
      .catch((error) => /** @type {import('./decoder.worker.js').Reply} */ ({ number: 0, failure: String(error) }));
    if (now !== turn) return null;
    if (reply.failure !== undefined) {
      if (reply.gone) later();
      else giveUp();
      return null;
    }
    times = [...times.slice(-14), performance.now() - start];
    return { shape: reply.shape ?? null, score: reply.score ?? 0 };
  }

  return {
    get state() {
      return state;
    },
    get checkpoint() {
      return model?.checkpoint ?? null;
    },
    /** @returns {number} milliseconds that a decode takes at present, 0 as long as that is uncertain */
    get medianTime() {
      return times.length < 9 ? 0 : [...times].sort((a, b) => a - b)[times.length >> 1];
    },

    /** @param {OpenImage | null} next */
    open(next) {
      turn += 1;
      clearTimeout(timer);
      latest = null;
      image = next && next.width * next.height <= MOST_PIXELS ? next : null;
      timer = undefined;
      if (state !== 'off') state = 'none';
      retryAfter = FIRST_RETRY;
      void load();
    },

    /** More of the image is encoded now. */
    refresh: () => void load(),

    /** @param {number | null} answering the checkpoint that just answered on the server */
    expect(answering) {
      if (state === 'ready' && answering !== null && answering !== model?.checkpoint) void load();
    },

    /**
     * @param {number} of image @param {Prompt} prompt @param {Shape | null} prior
     * @returns {Promise<LocalAnswer | null>} null: the server has to say
     */
    answer(of, prompt, prior) {
      if (state !== 'ready' || image?.id !== of) return Promise.resolve(null);
      const known = [running, latest].find((job) => job && isSame(job, prompt, prior));
      if (known) return known.given;
      const job = newJob(prompt, prior);
      clicks.push(job);
      void work();
      return job.given;
    },

    /**
     * One at a time; while one runs, only the latest waits and the others have no answer.
     * @param {Point} point @returns {Promise<LocalAnswer | null>}
     */
    preview({ x, y }) {
      if (state !== 'ready') return Promise.resolve(null);
      preview?.give(null);
      const { given } = (preview = newJob({ clicks: [{ x, y, positive: true }] }, null));
      void work();
      return given;
    },
  };
}

/** @param {Prompt} prompt @param {Shape | null} prior @returns {Job} */
function newJob(prompt, prior) {
  /** @type {(answer: LocalAnswer | null) => void} */
  let give = () => {};
  /** @type {Promise<LocalAnswer | null>} */
  const given = new Promise((resolve) => (give = resolve));
  return { prompt, prior, given, give };
}

/** A click where its preview was decoded. @param {Job} job @param {Prompt} prompt @param {Shape | null} prior */
function isSame(job, prompt, prior) {
  const [a, b] = [job.prompt.clicks[0], prompt.clicks[0]];
  if (job.prior || prior || job.prompt.box || prompt.box) return false;
  if (job.prompt.clicks.length > 1 || prompt.clicks.length > 1) return false;
  return a.x === b.x && a.y === b.y && a.positive && b.positive;
}
