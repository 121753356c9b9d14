/** Sends the changes to the server, in their order, until all are done or something is wrong. */
import { ApiError } from '../api/client.js';
import { gettext } from '../i18n.js';
import { toKnown, toMask, toRow, toWrite, versionOf } from './masks.js';

/** @typedef {import('../journal.js').Entry} Entry */
/** @typedef {import('../store/annotations.js').Question} Question */
/** @typedef {ReturnType<typeof import('../api/masks.js').masksApi>} MasksApi */

const FIRST_RETRY = 1000;
const LAST_RETRY = 30000;
/** So many changes go in one request: reclassifying thousands takes seconds, and each request is soon done. */
const MOST_AT_ONCE = 100;

/**
 * @param {{
 *   queue: import('./queue.js').Queue, masks: Pick<MasksApi, 'put' | 'delete' | 'batch'>,
 *   conflicts: ReturnType<typeof import('./conflicts.js').createConflicts>,
 *   tell: (state: import('../store/session.js').SaveState['state']) => void,
 *   ask?: (id: string, image: number, question: Question) => Promise<unknown>,
 *   sees?: (image: number) => Promise<boolean>,
 * }} parts  ask: makes sure that the server has a prompt before a mask that names it; sees: whether
 *   the image is there for this person, who may have been removed from the dataset
 */
export function createDelivery({ queue, masks, conflicts, tell, ask, sees = async () => true }) {
  let sending = false;
  /** @type {Promise<void>} */
  let round = Promise.resolve();
  let retryAfter = FIRST_RETRY;
  /** So many of the next ones go each by itself: a request with all of them was refused as a whole. */
  let apart = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retryTimer;

  function start() {
    tell('saving');
    if (!sending) round = sendAll();
    return round;
  }

  async function sendAll() {
    sending = true;
    clearTimeout(retryTimer);
    /** @type {Entry[]} */
    let few = [];
    try {
      while ((few = queue.nextFew(apart ? 1 : MOST_AT_ONCE)).length) {
        const waiting = await queue.send(few);
        if (waiting.length > 1) await deliverAll(waiting);
        else if (waiting.length) await deliver(waiting[0]);
        if (few.length === 1) apart = Math.max(0, apart - 1);
        retryAfter = FIRST_RETRY;
        tell('saving');
      }
      tell('saved');
    } catch (error) {
      const failure = /** @type {ApiError} */ (error);
      if (failure.status >= 500) queue.postpone(few[0]);
      tell(failure.otherAccount ? 'other_account' : failure.signedOut ? 'signed_out' : 'offline');
      retryTimer = setTimeout(start, retryAfter);
      retryAfter = Math.min(retryAfter * 2, LAST_RETRY);
    } finally {
      sending = false;
    }
  }

  /** @param {Entry} entry @throws {ApiError} when it should be tried again later */
  async function deliver(entry) {
    try {
      conflicts.done(entry, entry.wish ? await put(entry, entry.wish) : await remove(entry));
    } catch (error) {
      const failure = /** @type {ApiError} */ (error);
      // What the server has now is settled at once, before anything newer arrives.
      settle(entry, failure, failure.status === 404 ? await whyMissing(entry, failure) : failure.message);
    }
  }

  /** @param {Entry[]} few of one image @throws {ApiError} when they should be tried again later */
  async function deliverAll(few) {
    const answer = await masks.batch(few[0].image, few.map(toWrite)).catch((/** @type {ApiError} */ failure) => {
      if (!failure.status || failure.signedOut || failure.otherAccount) throw failure;
      // One of them is the reason: it is found when each goes by itself.
      apart = few.length;
      return null;
    });
    few.forEach((entry, k) => {
      if (!answer) return;
      const { version, mask, error } = answer.results[k];
      if (error && (entry.wish || error.status !== 404)) settle(entry, new ApiError(error.status, error), error.detail);
      else if (error) conflicts.done(entry, null);
      else if (mask) conflicts.done(entry, toKnown(mask));
      else conflicts.done(entry, { version: version ?? (entry.version || 1) + 1, mask: entry.wish && toMask(entry.wish) });
    });
  }

  /** @param {Entry} entry @param {ApiError} failure @param {string} why @throws {ApiError} when it should be tried again later */
  function settle(entry, failure, why) {
    if (isStale(failure, entry)) conflicts.stale(entry, failure.current);
    else if (failure.passing !== false || failure.signedOut || failure.otherAccount) throw failure;
    else conflicts.refuse(entry, why);
  }

  /** To strangers nothing exists, so that the server does not say what is the matter. @param {Entry} entry @param {ApiError} failure */
  async function whyMissing({ image }, failure) {
    if (await sees(image)) return failure.message;
    return gettext('You are not a member of this dataset any more, or the image was deleted.');
  }

  /** @param {Entry} entry @param {NonNullable<Entry['wish']>} mask */
  async function put({ id, image, version, revision }, mask) {
    const { question, prediction } = mask;
    if (question && prediction) await ask?.(prediction, image, question);
    return toKnown(await masks.put(id, { ...toRow(mask, image), version: version ?? 0, revision }));
  }

  /** @param {Entry} entry */
  async function remove({ id, image, version, revision }) {
    try {
      await masks.delete(id, version || 1, revision);
      return { version: (version || 1) + 1, mask: null };
    } catch (error) {
      // What is gone is deleted. What is only out of this person's sight is not.
      if (/** @type {ApiError} */ (error).status !== 404 || !(await sees(image))) throw error;
      return null;
    }
  }

  return {
    start,
    /** Now, not when the clock says so. */
    retry() {
      retryAfter = FIRST_RETRY;
      return start();
    },
    /** @returns {Promise<void>} when the present round of sending has ended, well or not */
    settled: () => round,
  };
}

/** @param {ApiError} failure @param {Entry} entry @returns {boolean} and there is something to learn from it */
function isStale(failure, { version }) {
  if (failure.status !== 409 || failure.code !== 'stale' || !failure.current) return false;
  return versionOf(toKnown(failure.current)) !== (version ?? -1);
}
