/** Asks for the whole image's proposals once per image, checkpoint and scale, and follows the answer. */

/** @typedef {import('../store/store.js').Store} Store */
/** @typedef {import('../api/prompts.js').PromptAnswer} PromptAnswer */

const FIRST_POLL = 1000;
const LAST_POLL = 10000;

/**
 * @param {{
 *   store: Store, prompts: import('./prompts.js').PromptsApi,
 *   journal: Pick<import('../journal.js').Journal, 'proposalPrompt' | 'putProposalPrompt'> | null,
 * }} parts
 */
export function createProposer({ store, prompts, journal }) {
  const { proposals, session } = store;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {string | null} */
  let expected = null;
  /** @type {ReturnType<typeof source>} */
  let answering = null;
  /** @type {string | null} the prompt whose further portions are under way */
  let fetching = null;

  /** Who answers now: the checkpoint, and the scale at which it sees the image. */
  function source() {
    const { image, checkpoint } = session.get();
    return !image || image.scale === 1 ? checkpoint : `${checkpoint}@${image.scale}`;
  }

  /** @param {PromptAnswer} data */
  function settle(data) {
    if (data.id !== expected) return;
    if (data.status === 'done' && data.more_proposals) void fetchRest(data.id, data.proposals, data.more_proposals);
    else if (data.status === 'done') show(data.id, data.proposals);
    if (data.status === 'failed') {
      proposals.set('failed');
      stop();
    }
  }

  /** @param {string} id @param {import('../store/proposals.js').Proposal[]} all */
  function show(id, all) {
    proposals.set('ready', id, all);
    stop();
  }

  /**
   * Those of a large image come in portions. When one does not come, the next look begins anew.
   * @param {string} id @param {import('../store/proposals.js').Proposal[]} first @param {number} from
   */
  async function fetchRest(id, first, from) {
    if (fetching === id) return;
    fetching = id;
    try {
      const all = [...first];
      for (let start = /** @type {number | null} */ (from); start !== null;) {
        const portion = await prompts.proposals(id, start);
        all.push(...portion.proposals);
        start = portion.more_proposals;
      }
      if (id === expected) show(id, all);
    } catch {
      // The poll that is still under way asks again.
    } finally {
      fetching = null;
    }
  }

  function stop() {
    expected = null;
    clearTimeout(timer);
  }

  /** @param {string} id @param {number} image @param {boolean} known @param {number} wait */
  async function pursue(id, image, known, wait) {
    let asked = known;
    try {
      settle(await (known ? prompts.get(id) : prompts.ask({ id, image, clicks: [] })));
      asked = true;
    } catch (error) {
      const failure = /** @type {import('../api/client.js').ApiError} */ (error);
      if (failure.status === 404 && known) asked = false;
      else if (failure.passing === false && id === expected) {
        proposals.set('failed');
        stop();
      }
    }
    if (id !== expected) return;
    const next = Math.min(wait * 1.6, LAST_POLL);
    timer = setTimeout(() => void pursue(id, image, asked, next), wait);
  }

  /** @param {number} image */
  async function begin(image) {
    expected = crypto.randomUUID();
    void journal?.putProposalPrompt(image, answering, expected).catch(() => {});
    await pursue(expected, image, false, FIRST_POLL);
  }

  /** What the checkpoint that answers now proposes: the answer that there was, or a new one. */
  async function open() {
    stop();
    const { image } = session.get();
    const asked = source();
    if (!image) return;
    answering = asked;
    proposals.set('thinking');
    const kept = await journal?.proposalPrompt(image.id, asked).catch(() => null);
    if (session.get().image?.id !== image.id || answering !== asked) return;
    if (kept) {
      expected = kept;
      await pursue(kept, image.id, true, FIRST_POLL);
    } else await begin(image.id);
  }

  return {
    settle,
    stop,
    open,
    /** If another checkpoint answers by now, or at another scale, those proposals take the place of these. */
    async renew() {
      if (proposals.status !== 'none' && source() !== answering) await open();
    },
    /** Proposals that failed are asked for anew, under a new id. */
    async again() {
      stop();
      const image = session.get().image?.id;
      if (image === undefined) return;
      answering = source();
      proposals.set('thinking');
      await begin(image);
    },
  };
}
