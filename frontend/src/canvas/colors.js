/** Seen on a black fluorescence background as well as on a bright stained one. */
export const UNLABELLED = '#22b8cf';
export const PENDING = '#ffd43b';
export const PROPOSAL = '#ffffff';
export const CASING = 'rgba(0, 0, 0, 0.55)';
export const POSITIVE = '#2f9e44';
export const NEGATIVE = '#e03131';

/**
 * @param {import('../store/session.js').LabelClass[]} classes
 * @returns {(id: number | null) => string}
 */
export function colorsOf(classes) {
  const byId = new Map(classes.map((c) => [c.id, c.color]));
  return (id) => (id !== null && byId.get(id)) || UNLABELLED;
}
