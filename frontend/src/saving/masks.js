/** A mask as the server's rows have it, and as requests carry it. */

/** @typedef {import('../store/annotations.js').Mask} Mask */
/** @typedef {{version: number, mask: Mask | null}} Known  what the server has; null: deleted there */

/** @param {any} row @returns {Mask} */
export function toMask({ id, bbox, counts, area, label_class, origin, prediction, score, author, conflict_with }) {
  const mask = { id, bbox, counts, area, label_class, origin, prediction, score, author };
  return conflict_with ? { ...mask, conflict_with } : mask;
}

/** @param {any} row @returns {Known} */
export function toKnown(row) {
  return { version: row.version, mask: row.deleted_at ? null : toMask(row) };
}

/** @param {Known | undefined} known @returns {number} the version that a change of it must name */
export const versionOf = (known) => (known?.mask ? known.version : 0);

/** @param {Mask} mask @param {number} image @returns {object} a request's body, less version and revision */
export function toRow({ label_class, bbox, counts, origin, prediction, score, conflict_with, restores }, image) {
  const row = { image, label_class, bbox, counts, origin, prediction, score, conflict_with: conflict_with ?? null };
  return restores === undefined ? row : { ...row, restores };
}
