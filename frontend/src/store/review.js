/** What a reviewer has said about single nuclei, and which to look at next. */
import { createState } from './state.js';

/** @typedef {import('./annotations.js').Mask} Mask */
/** @typedef {import('./session.js').SessionState} SessionState */
/** @typedef {'accepted' | 'fixed' | 'returned'} Choice */
/** @typedef {{choice: Choice, version: number}} Verdict  of the nucleus as it was in this version */
/**
 * @typedef {{verdicts: ReadonlyMap<string, Verdict>, at: string | null, submitted: number | null}} ReviewState
 *   at: the nucleus that is looked at; submitted: the event of the last submission, once it is known
 */

/** Under this the model itself was not sure. */
const LOW_SCORE = 0.7;

export const createReview = () =>
  createState(/** @type {ReviewState} */ ({ verdicts: new Map(), at: null, submitted: null }));

/** @param {SessionState} session @returns {boolean} this person is reviewing the open image */
export function isReviewing({ image, user }) {
  return image?.status === 'in_review' && !!user && image.reviewer?.id === user.id;
}

/** @param {SessionState} session @returns {boolean} the open image was looked at as a reviewer: the next one is, too */
export function isOfReview({ image, user }) {
  return !!user && image?.reviewer?.id === user.id && ['in_review', 'accepted', 'returned'].includes(image.status);
}

/**
 * Nuclei in the order in which a reviewer looks at them: what is disputed, what changed since it was
 * judged, what the model was unsure of, then the rest, line by line.
 * @param {Iterable<Mask>} masks
 * @param {{verdicts: ReadonlyMap<string, Verdict>, disputed: ReadonlySet<string>, versionOf: (id: string) => number}} known
 *   disputed: nuclei with an open thread
 * @returns {Mask[]}
 */
export function reviewOrder(masks, { verdicts, disputed, versionOf }) {
  /** @param {Mask} mask */
  const rank = (mask) => {
    const verdict = verdicts.get(mask.id);
    if (mask.conflict_with || disputed.has(mask.id) || verdict?.choice === 'returned') return 0;
    if (verdict && verdict.version !== versionOf(mask.id)) return 1;
    if (mask.origin === 'accepted' && mask.score !== null && mask.score < LOW_SCORE) return 2;
    return 3;
  };
  const ranked = [...masks].map((mask) => ({ mask, rank: rank(mask), score: mask.score ?? 1 }));
  ranked.sort((a, b) => a.rank - b.rank || (a.rank === 2 ? a.score - b.score : 0) || a.mask.bbox[1] - b.mask.bbox[1] || a.mask.bbox[0] - b.mask.bbox[0]);
  return ranked.map(({ mask }) => mask);
}

/**
 * @param {Mask} mask @param {ReadonlyMap<string, Verdict>} verdicts @param {(id: string) => number} versionOf
 * @returns {Choice | null} what holds for the nucleus as it is now
 */
export function verdictOn(mask, verdicts, versionOf) {
  const verdict = verdicts.get(mask.id);
  return verdict && verdict.version === versionOf(mask.id) ? verdict.choice : null;
}
