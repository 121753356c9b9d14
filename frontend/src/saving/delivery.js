/** Sends the changes to the server, one after the other, until all are done or something is wrong. */
import { toKnown, toRow, versionOf } from './masks.js';

/** @typedef {import('../journal.js').Entry} Entry */
/** @typedef {import('../api/client.js').ApiError} ApiError */
/** @typedef {import('../store/annotations.js').Question} Question */
/** @typedef {ReturnType<typeof import('../api/masks.js').masksApi>} MasksApi */

const FIRST_RETRY = 1000;
const LAST_RETRY = 30000;

/**
 * @param {{
 *   queue: import('./queue.js').Queue, masks: Pick<MasksApi, 'put' | 'delete'>,
 *   conflicts: ReturnType<typeof import('./conflicts.js').createConflicts>,
 *   tell: (state: import('../store/session.js').SaveState['state']) => void,
 *   ask?: (id: string, image: number, question: Question) => Promise<unknown>,
 * }} parts  ask: makes sure that the server has a prompt before a mask that names it
 */
export function createDelivery({ queue, masks, conflicts, tell, ask }) {
  let sending = false;
  /** @type {Promise<void>} */
  let round = Promise.resolve();
  let retryAfter = FIRST_RETRY;
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
    /** @type {Entry | undefined} */
    let entry;
    try {
      while ((entry = queue.next())) {
        await queue.send(entry);
        const current = queue.entries.get(entry.revision);
        if (current) await deliver(current);
        retryAfter = FIRST_RETRY;
        tell('saving');
      }
      tell('saved');
    } catch (error) {
      const failure = /** @type {ApiError} */ (error);
      if (entry && failure.status >= 500) queue.postpone(entry);
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
      if (isStale(failure, entry)) conflicts.stale(entry, failure.current);
      else if (failure.passing !== false || failure.signedOut || failure.otherAccount) throw failure;
      else conflicts.refuse(entry, failure.message);
    }
  }

  /** @param {Entry} entry @param {NonNullable<Entry['wish']>} mask */
  async function put({ id, image, version, revision }, mask) {
    const { question, prediction } = mask;
    if (question && prediction) await ask?.(prediction, image, question);
    return toKnown(await masks.put(id, { ...toRow(mask, image), version: version ?? 0, revision }));
  }

  /** @param {Entry} entry */
  async function remove({ id, version, revision }) {
    try {
      await masks.delete(id, version || 1, revision);
      return { version: (version || 1) + 1, mask: null };
    } catch (error) {
      if (/** @type {ApiError} */ (error).status !== 404) throw error;
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
