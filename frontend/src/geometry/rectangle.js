/** @typedef {import('./stroke.js').Point} Point */
/** @typedef {[number, number, number, number]} Rectangle  left, top, right, bottom in image pixels */

/**
 * @param {Point} a @param {Point} b opposite corners, in any order
 * @param {number} width @param {number} height of the image
 * @returns {Rectangle | null} its part inside the image; null when nothing is left
 */
export function rectangleOf(a, b, width, height) {
  const left = Math.max(0, Math.min(a.x, b.x));
  const top = Math.max(0, Math.min(a.y, b.y));
  const right = Math.min(width, Math.max(a.x, b.x));
  const bottom = Math.min(height, Math.max(a.y, b.y));
  return right > left && bottom > top ? [left, top, right, bottom] : null;
}

/** @param {Rectangle} rectangle @returns {Point} */
export function centreOf([left, top, right, bottom]) {
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}
