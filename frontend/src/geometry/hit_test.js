import { intersectionArea, isSet } from './bitmap.js';
import { distanceToSegmentSquared } from './stroke.js';

/** @typedef {import('./bitmap.js').Bitmap} Bitmap */
/** @typedef {import('./stroke.js').Point} Point */

/** @param {Bitmap} bitmap @param {Point} point @returns {boolean} the pixel under the point is set */
export function contains(bitmap, point) {
  return isSet(bitmap, Math.floor(point.x), Math.floor(point.y));
}

/** @param {Point} point @param {number} width @param {number} height @returns {boolean} */
export function insideImage(point, width, height) {
  return point.x >= 0 && point.y >= 0 && point.x < width && point.y < height;
}

/**
 * @param {Bitmap} bitmap @param {Point} a @param {Point} b @param {number} radius
 * @returns {boolean} some foreground pixel's centre lies within `radius` of the segment ab
 */
export function touchesSegment(bitmap, a, b, radius) {
  const left = Math.max(0, Math.floor(Math.min(a.x, b.x) - radius) - bitmap.x);
  const top = Math.max(0, Math.floor(Math.min(a.y, b.y) - radius) - bitmap.y);
  const right = Math.min(bitmap.w - 1, Math.ceil(Math.max(a.x, b.x) + radius) - bitmap.x);
  const bottom = Math.min(bitmap.h - 1, Math.ceil(Math.max(a.y, b.y) + radius) - bitmap.y);
  for (let j = top; j <= bottom; j++) {
    for (let i = left; i <= right; i++) {
      if (!bitmap.data[j * bitmap.w + i]) continue;
      const centre = { x: bitmap.x + i + 0.5, y: bitmap.y + j + 0.5 };
      if (distanceToSegmentSquared(centre, a, b) <= radius * radius) return true;
    }
  }
  return false;
}

/** @param {import('./bitmap.js').Box} box @returns {Point} its middle */
export const middleOf = ([x, y, w, h]) => ({ x: x + w / 2, y: y + h / 2 });

/** @param {Point[]} polygon closed by itself @param {Point} point @returns {boolean} by the even-odd rule */
export function insidePolygon(polygon, { x, y }) {
  let inside = false;
  polygon.forEach((a, k) => {
    const b = polygon[(k + 1) % polygon.length];
    if (a.y > y !== b.y > y && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)) inside = !inside;
  });
  return inside;
}

/**
 * Whether a proposal says nothing new: half of it, or half of the union, is already a mask.
 * @param {Bitmap} proposal @param {number} proposalArea
 * @param {Bitmap} mask @param {number} maskArea
 * @returns {boolean}
 */
export function isCovered(proposal, proposalArea, mask, maskArea) {
  const shared = intersectionArea(proposal, mask);
  if (!shared) return false;
  return shared >= 0.5 * proposalArea || shared >= 0.5 * (proposalArea + maskArea - shared);
}
