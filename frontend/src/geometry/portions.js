import { overlap } from './bitmap.js';

/** @typedef {import('./bitmap.js').Box} Box */
/** @typedef {import('./viewport.js').Size} Size */

/**
 * The image cut into about so many equal parts, as square as may be.
 * @param {Size} image @param {number} count @returns {Box[]} row by row, without gaps or overlaps
 */
export function partsOf({ width, height }, count) {
  const columns = Math.max(1, Math.round(Math.sqrt((count * width) / height)));
  const rows = Math.max(1, Math.ceil(count / columns));
  const xs = cuts(width, columns);
  const ys = cuts(height, rows);
  return ys.slice(1).flatMap((bottom, j) =>
    xs.slice(1).map((right, i) => /** @type {Box} */ ([xs[i], ys[j], right - xs[i], bottom - ys[j]])));
}

/** @param {number} length @param {number} parts @returns {number[]} whole pixels from 0 to the length */
function cuts(length, parts) {
  const steps = Math.min(parts, length);
  return Array.from({ length: steps + 1 }, (_, k) => Math.round((k * length) / steps));
}

/**
 * @param {Box[]} parts at least one @param {Box} view the part of the image that is on the screen
 * @returns {Box} the one to look at first: in view, and nearest to its middle
 */
export function nextPart(parts, view) {
  /** @param {Box} box */
  const away = (box) => Math.hypot(...[0, 1].map((k) => box[k] + box[k + 2] / 2 - view[k] - view[k + 2] / 2));
  /** @param {Box} box */
  const hidden = (box) => (overlap(box, view) ? 0 : 1);
  return [...parts].sort((a, b) => hidden(a) - hidden(b) || away(a) - away(b))[0];
}
