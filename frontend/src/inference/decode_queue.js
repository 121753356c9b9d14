/** What waits to be decoded here: clicks come first, and of previews the latest is enough. */

/** @typedef {import('../geometry/rle.js').Shape} Shape */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {import('./prompt_window.js').Prompt} Prompt */
/** @typedef {{shape: Shape | null, score: number, checkpoint: number | null}} LocalAnswer  no shape: no nucleus there */
/**
 * @typedef {{
 *   prompt: Prompt, prior: Shape | null,
 *   given: Promise<LocalAnswer | null>, give: (answer: LocalAnswer | null) => void,
 * }} Job
 */

/** @param {(prompt: Prompt, prior: Shape | null) => Promise<LocalAnswer | null>} decode  null: no answer from here */
export function createDecodeQueue(decode) {
  /** @type {Job[]} */
  let clicks = [];
  /** @type {Job | null} */
  let preview = null;
  /** @type {Job | null} */
  let running = null;
  /** @type {Job | null} the last that was answered */
  let latest = null;
  /** @type {Job | null} it runs, but on what is no longer shown */
  let outdated = null;
  /** @type {number[]} milliseconds of the last decodes */
  let times = [];

  async function work() {
    while (!running) {
      running = clicks.shift() ?? preview;
      if (!running) return;
      if (running === preview) preview = null;
      const job = running;
      const start = performance.now();
      const found = await decode(job.prompt, job.prior);
      if (found) times = [...times.slice(-14), performance.now() - start];
      latest = job === outdated ? null : found && job;
      running = null;
      job.give(found);
    }
  }

  /** @param {Prompt} prompt @param {Shape | null} prior @returns {Job | undefined} that asks the same, answered or about to be */
  const known = (prompt, prior) =>
    [running, preview, latest].find((job) => job && job !== outdated && isSame(job, prompt, prior)) ?? undefined;

  return {
    /** @returns {number} milliseconds that a decode takes at present, 0 as long as that is uncertain */
    get medianTime() {
      return times.length < 9 ? 0 : [...times].sort((a, b) => a - b)[times.length >> 1];
    },

    /** @param {Prompt} prompt @param {Shape | null} prior @returns {Promise<LocalAnswer | null>} */
    answer(prompt, prior) {
      const job = known(prompt, prior) ?? newJob(prompt, prior);
      if (job === preview) preview = null;
      if (job !== running && job !== latest) clicks.push(job);
      void work();
      return job.given;
    },

    /**
     * One at a time; while one runs, only the latest waits and the others have no answer.
     * @param {Point} point @returns {Promise<LocalAnswer | null>}
     */
    preview({ x, y }) {
      const prompt = { clicks: [{ x, y, positive: true }] };
      const job = known(prompt, null) ?? newJob(prompt, null);
      if (job !== preview) preview?.give(null);
      preview = job === running || job === latest ? null : job;
      void work();
      return job.given;
    },

    /** Another image, or another checkpoint: what was decoded before answers no click any more. */
    forget() {
      latest = null;
      outdated = running;
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
