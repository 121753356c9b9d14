import { toImage } from './viewport.js';

/** @typedef {import('./viewport.js').Viewport} Viewport */
/** @typedef {import('./viewport.js').Size} Size */
/** @typedef {import('./stroke.js').Point} Point */

const THINNEST = 4;

/** @param {Size} image @param {number} longest @returns {Size} of the whole image in miniature */
export function miniature(image, longest) {
  const scale = longest / Math.max(image.width, image.height);
  return {
    width: Math.max(THINNEST, image.width * scale),
    height: Math.max(THINNEST, image.height * scale),
  };
}

/**
 * @param {Viewport} viewport @param {Size} screen @param {Size} image @param {Size} mini
 * @returns {{left: number, top: number, width: number, height: number}} the part of the miniature
 *   that is on the screen; never too small to be seen
 */
export function frameIn(viewport, screen, image, mini) {
  const from = toImage(viewport, { x: 0, y: 0 });
  const to = toImage(viewport, { x: screen.width, y: screen.height });
  const [left, width] = span(from.x / image.width, to.x / image.width, mini.width);
  const [top, height] = span(from.y / image.height, to.y / image.height, mini.height);
  return { left, top, width, height };
}

/** @param {Viewport} viewport @param {Size} screen @param {Size} image @returns {boolean} */
export function allInSight({ scale, tx, ty }, screen, image) {
  const right = tx + image.width * scale;
  const bottom = ty + image.height * scale;
  return tx >= 0 && ty >= 0 && right <= screen.width && bottom <= screen.height;
}

/** @param {Point} at in the miniature @param {Size} image @param {Size} mini @returns {Point} of the image */
export function inImage(at, image, mini) {
  return {
    x: clamp(at.x / mini.width, 0, 1) * image.width,
    y: clamp(at.y / mini.height, 0, 1) * image.height,
  };
}

/** @param {number} from @param {number} to parts of the whole @param {number} whole @returns {[number, number]} start, length */
function span(from, to, whole) {
  const [a, b] = [clamp(from, 0, 1) * whole, clamp(to, 0, 1) * whole];
  const length = Math.min(whole, Math.max(THINNEST, b - a));
  return [clamp((a + b - length) / 2, 0, whole - length), length];
}

/** @param {number} v @param {number} least @param {number} most */
const clamp = (v, least, most) => Math.min(most, Math.max(least, v));
