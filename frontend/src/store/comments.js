/** What people say about the open image. */
import { createState } from './state.js';

/** @typedef {import('./session.js').Person} Person */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/**
 * @typedef {{
 *   id: string, image: number, thread: string | null, mask: string | null, x: number | null, y: number | null,
 *   text: string, author: Person, created_at: string, resolved: boolean,
 * }} Comment  thread: the first comment of the thread that this one answers in
 */
/** @typedef {{image: number, text: string, thread?: string | null, mask?: string | null, x?: number | null, y?: number | null}} NewComment */
/** @typedef {{first: Comment, answers: Comment[]}} Thread */
/** Where a thread is about to be begun: at a nucleus or a place; neither: about the whole image. @typedef {{mask: string | null, at: Point | null}} Pin */
/**
 * @typedef {{
 *   rows: Comment[], state: 'none' | 'ready' | 'failed', open: string | null, pin: Pin | null,
 *   showResolved: boolean, members: string[],
 * }} CommentsState  open: the thread that is looked at; pin: null while no thread is being begun
 */

export const createComments = () =>
  createState(
    /** @type {CommentsState} */ ({ rows: [], state: 'none', open: null, pin: null, showResolved: false, members: [] }),
  );

/** @param {Comment[]} rows @returns {Thread[]} the open ones first, each kind in the order in which they were begun */
export function threadsOf(rows) {
  const firsts = rows.filter(({ thread }) => !thread);
  const threads = firsts.map((first) => ({ first, answers: rows.filter(({ thread }) => thread === first.id) }));
  return [...threads.filter(({ first }) => !first.resolved), ...threads.filter(({ first }) => first.resolved)];
}

/**
 * Where a thread's marker stands: at its nucleus as long as there is one, else at its place.
 * @param {Comment} first @param {ReadonlyMap<string, import('./annotations.js').Mask>} masks @returns {Point | null}
 */
export function placeOf({ mask, x, y }, masks) {
  const box = mask ? masks.get(mask)?.bbox : undefined;
  if (box) return { x: box[0] + box[2] / 2, y: box[1] + box[3] / 2 };
  return x === null || y === null ? null : { x, y };
}
