/** @typedef {import('./viewport.js').Viewport} Viewport */
/** @typedef {import('./viewport.js').Size} Size */

/** Below this a grid would hide the pixels that it parts. */
export const GRID_FROM_SCALE = 12;

/**
 * The lines between the image's pixels, on the screen.
 * @param {Viewport} viewport @param {Size} image @param {Size} screen
 * @returns {{xs: number[], ys: number[], left: number, top: number, right: number, bottom: number} | null}
 *   null: too small to be parted, or nothing of the image in sight
 */
export function pixelGrid({ scale, tx, ty }, image, screen) {
  if (scale < GRID_FROM_SCALE) return null;
  const xs = lines(tx, scale, image.width, screen.width);
  const ys = lines(ty, scale, image.height, screen.height);
  const left = Math.max(0, tx);
  const top = Math.max(0, ty);
  const right = Math.min(screen.width, tx + image.width * scale);
  const bottom = Math.min(screen.height, ty + image.height * scale);
  return left < right && top < bottom ? { xs, ys, left, top, right, bottom } : null;
}

/** @param {number} offset @param {number} scale @param {number} pixels @param {number} length */
function lines(offset, scale, pixels, length) {
  const first = Math.max(0, Math.ceil(-offset / scale));
  const last = Math.min(pixels, Math.floor((length - offset) / scale));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => offset + (first + k) * scale);
}
