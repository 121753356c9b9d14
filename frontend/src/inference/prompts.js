/** Asks the server about every pending mask that is thinking, until each has its answer. */
import { answer } from '../store/edits.js';

/** @typedef {import('../store/store.js').Store} Store */
/** @typedef {import('../store/annotations.js').Pending} Pending */
/** @typedef {import('../api/prompts.js').PromptAnswer} PromptAnswer */
/** @typedef {ReturnType<typeof import('../api/prompts.js').promptsApi>} PromptsApi */

const FIRST_POLL = 400;
const LAST_POLL = 5000;
const ASK_RETRY = 1000;

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {{store: Store, prompts: PromptsApi}} parts */
export function createPrompter({ store, prompts }) {
  const { annotations, session } = store;
  /** @type {Map<string, Parameters<typeof answer>[2]>} prompt id → answer, for undo and redo */
  const answered = new Map();
  /** @type {Set<string>} prompts that are being asked or waited for */
  const open = new Set();

  annotations.on(({ patches }) => {
    for (const patch of patches) {
      if (patch.kind === 'pending' && patch.after?.status === 'thinking') follow(patch.after);
    }
  });

  /** @param {Pending} pending */
  function follow(pending) {
    const { promptId } = pending;
    const known = answered.get(promptId);
    if (known) queueMicrotask(() => answer(store, promptId, known, false));
    else if (!open.has(promptId)) void pursue(pending);
  }

  /** @param {Pending} pending */
  async function pursue({ promptId, clicks, shape }) {
    const image = session.get().image?.id;
    if (image === undefined) return;
    open.add(promptId);
    const mask = shape ? { bbox: shape.bbox, counts: shape.counts } : undefined;
    let asked = false;
    let wait = FIRST_POLL;
    while (wanted(promptId)) {
      try {
        if (asked) settle(await prompts.get(promptId));
        else settle(await prompts.ask({ id: promptId, image, clicks, mask }));
        asked = true;
      } catch (error) {
        const failure = /** @type {import('../api/client.js').ApiError} */ (error);
        if (failure.status === 404 && asked) asked = false;
        else if (failure.passing === false && !failure.signedOut) fail(promptId, failure.message);
        else wait = Math.max(wait, ASK_RETRY);
      }
      if (answered.has(promptId)) break;
      await pause(wait);
      wait = Math.min(wait * 1.6, LAST_POLL);
    }
    open.delete(promptId);
  }

  /** @param {string} promptId @returns {boolean} the answer has not come and would be used */
  function wanted(promptId) {
    if (answered.has(promptId)) return false;
    for (const pending of annotations.pendings.values()) {
      if (pending.promptId === promptId) return pending.status === 'thinking';
    }
    return false;
  }

  /** @param {string} promptId @param {string} error */
  function fail(promptId, error) {
    remember(promptId, { shape: null, score: null, error });
  }

  /** @param {PromptAnswer} data from the event stream or from polling, whichever comes first */
  function settle(data) {
    if (answered.has(data.id)) return;
    if (data.status === 'failed') fail(data.id, data.error || 'The model could not answer.');
    if (data.status === 'done') {
      session.set({ worker: 'running' });
      remember(data.id, { shape: data.mask, score: data.score, error: '' });
    }
  }

  /** @param {string} promptId @param {Parameters<typeof answer>[2]} result */
  function remember(promptId, result) {
    answered.set(promptId, result);
    answer(store, promptId, result, true);
  }

  return { settle };
}
