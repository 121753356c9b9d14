/** A mask as the server's rows have it, and as requests carry it. */

/** @typedef {import('../store/annotations.js').Mask} Mask */
/** @typedef {import('../journal.js').Entry} Entry */
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

/**
 * @param {Entry} entry
 * @returns {object} a write of a batch; a shape that the server has already is not sent again
 */
export function toWrite({ id, image, saw, wish, version, revision }) {
  if (!wish) return { id, revision, version: version || 1, delete: true };
  const { image: _image, bbox, counts, ...rest } = /** @type {any} */ (toRow(wish, image));
  const kept = version && saw?.counts === counts && saw?.bbox.join() === bbox.join();
  return { id, revision, version: version ?? 0, ...rest, ...(kept ? {} : { bbox, counts }) };
}
