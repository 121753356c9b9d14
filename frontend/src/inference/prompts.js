/** Asks the server about every pending mask that is thinking, until each has its answer. */
import { gettext } from '../i18n.js';
import { answer, answerMeanwhile } from '../store/edits.js';

/** @typedef {import('../store/store.js').Store} Store */
/** @typedef {import('../store/annotations.js').Pending} Pending */
/** @typedef {import('../store/annotations.js').Question} Question */
/** @typedef {import('../api/prompts.js').PromptAnswer} PromptAnswer */
/** @typedef {ReturnType<typeof import('../api/prompts.js').promptsApi>} PromptsApi */

const FIRST_POLL = 400;
const LAST_POLL = 5000;
const ASK_RETRY = 1000;

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param {{
 *   store: Store, prompts: PromptsApi,
 *   decoder?: Pick<import('./local_decoder.js').LocalDecoder, 'answer' | 'expect'>,
 * }} parts  decoder: answers in the browser what it can, until the server does
 */
export function createPrompter({ store, prompts, decoder }) {
  const { annotations, session } = store;
  /** @type {Map<string, Parameters<typeof answer>[2]>} prompt id → answer, for undo and redo */
  const answered = new Map();
  /** @type {Set<string>} prompts that are being asked or waited for */
  const open = new Set();
  /** @type {Map<string, Promise<PromptAnswer>>} what the server has, or is about to have */
  const sent = new Map();

  annotations.on(({ patches }) => {
    for (const patch of patches) {
      if (patch.kind !== 'pending' || !patch.after) continue;
      if (patch.after.status === 'thinking' || patch.after.provisional) follow(patch.after);
    }
  });

  /** @param {Pending} pending */
  function follow(pending) {
    const { promptId } = pending;
    const known = answered.get(promptId);
    if (known) queueMicrotask(() => answer(store, promptId, known, false));
    else {
      if (pending.status === 'thinking') void answerHere(pending);
      if (!open.has(promptId)) void pursue(pending);
    }
  }

  /** @param {Pending} pending */
  async function answerHere({ promptId, clicks, box, shape }) {
    const image = session.get().image?.id;
    const found = image === undefined ? null : await decoder?.answer(image, { clicks, box }, shape);
    if (found?.shape) answerMeanwhile(store, promptId, { ...found, shape: found.shape });
  }

  /**
   * Makes sure that the server has a question. Asking again is harmless, asking once is enough.
   * @param {string} id @param {number} image @param {Question} question
   * @returns {Promise<PromptAnswer>} its state when the server got it
   */
  function ask(id, image, { clicks, box, mask }) {
    let answer = sent.get(id);
    if (!answer) {
      answer = prompts.ask({ id, image, clicks, box, mask: mask ?? undefined });
      sent.set(id, answer);
      answer.catch(() => sent.delete(id));
    }
    return answer;
  }

  /** @param {Pending} pending */
  async function pursue({ promptId, clicks, box, shape, question }) {
    const image = session.get().image?.id;
    if (image === undefined) return;
    open.add(promptId);
    const asks = question ?? { clicks, box, mask: shape && { bbox: shape.bbox, counts: shape.counts } };
    let asked = false;
    let wait = FIRST_POLL;
    while (wanted(promptId, asked)) {
      try {
        if (asked) settle(await prompts.get(promptId));
        else settle(await ask(promptId, image, asks));
        asked = true;
      } catch (error) {
        const failure = /** @type {import('../api/client.js').ApiError} */ (error);
        if (failure.status === 404 && asked) {
          asked = false;
          sent.delete(promptId);
        } else if (failure.passing === false && !failure.signedOut) fail(promptId, failure.message);
        else wait = Math.max(wait, ASK_RETRY);
      }
      if (answered.has(promptId)) break;
      await pause(wait);
      wait = Math.min(wait * 1.6, LAST_POLL);
    }
    open.delete(promptId);
  }

  /** @param {string} promptId @param {boolean} asked @returns {boolean} there is a use in going on */
  function wanted(promptId, asked) {
    if (answered.has(promptId)) return false;
    for (const pending of annotations.pendings.values()) {
      if (pending.promptId !== promptId) continue;
      return pending.status === 'thinking' || !!pending.provisional || (!asked && !!pending.question);
    }
    return false;
  }

  /** @param {string} promptId @param {string} error */
  function fail(promptId, error) {
    remember(promptId, { shape: null, score: null, checkpoint: null, error });
  }

  /** @param {PromptAnswer} data from the event stream or from polling, whichever comes first */
  function settle(data) {
    if (answered.has(data.id)) return;
    if (data.status === 'failed') fail(data.id, data.error || gettext('The model could not answer.'));
    if (data.status === 'done') {
      session.set({ worker: 'running' });
      const { mask: shape, score, checkpoint = null } = data;
      decoder?.expect(checkpoint);
      remember(data.id, { shape, score, checkpoint, error: '' });
    }
  }

  /** @param {string} promptId @param {Parameters<typeof answer>[2]} result */
  function remember(promptId, result) {
    answered.set(promptId, result);
    answer(store, promptId, result, true);
  }

  return { settle, ask };
}
