import { createState } from './state.js';

/** @typedef {'off' | 'swipe' | 'side'} CompareMode */
/** @typedef {'left' | 'right'} Side */
/** @typedef {import('../geometry/rle.js').Shape & Partial<import('./annotations.js').Mask>} ComparedShape */
/** @typedef {{id: string, label: string}} SetName  what may be compared: masks now, at opening, at a moment of the history, of a person, of a checkpoint, as the model had answered */
/**
 * Two sets of masks over the same image.
 * @typedef {{
 *   mode: CompareMode, left: string, right: string, at: number, sets: SetName[],
 *   rows: {left: ComparedShape[] | null, right: ComparedShape[] | null}, state: 'ready' | 'loading' | 'failed',
 * }} Comparison  left, right: ids of sets; at: where the swipe parts the screen, in [0, 1];
 *   rows: null where the masks themselves are seen, as they are worked on
 */

export const COMPARE_MODES = /** @type {const} */ (['off', 'swipe', 'side']);
export const NOW = 'now';
export const OPENED = 'opened';
/** What the model had answered where masks came of it. */
export const ANSWERED = 'answered';

const MOMENT = 'event:';

/** @param {number} event @returns {string} the id of the set of masks as they were right after it */
export const momentSet = (event) => `${MOMENT}${event}`;

/** @param {string} set @returns {number | null} the inverse of momentSet; null for another set */
export const momentOf = (set) => (set.startsWith(MOMENT) ? Number(set.slice(MOMENT.length)) : null);

const PROMPT = 'prompt:';

/** @param {string} prompt @returns {string} the id of the set of what was proposed in answer to it */
export const promptSet = (prompt) => `${PROMPT}${prompt}`;

/** @param {string} set @returns {string | null} the inverse of promptSet; null for another set */
export const promptOf = (set) => (set.startsWith(PROMPT) ? set.slice(PROMPT.length) : null);

export const createComparison = () =>
  createState(
    /** @type {Comparison} */ ({
      mode: 'off', left: NOW, right: OPENED, at: 0.5, sets: [], rows: { left: null, right: null }, state: 'ready',
    }),
  );
