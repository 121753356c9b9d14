import { blank } from './bitmap.js';

/** @typedef {import('./bitmap.js').Bitmap} Bitmap */
/** @typedef {{x: number, y: number}} Point  image pixels; the centre of pixel (i, j) is (i+.5, j+.5) */

/**
 * @param {Point} p @param {Point} a @param {Point} b
 * @returns {number} squared distance from p to the segment ab
 */
export function distanceToSegmentSquared(p, a, b) {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = dx * dx + dy * dy;
  const t = length ? Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length)) : 0;
  const ex = p.x - a.x - t * dx;
  const ey = p.y - a.y - t * dy;
  return ex * ex + ey * ey;
}

/** @param {Point[]} points @param {number} distance @returns {boolean} some point is farther from the first */
export function strays([first, ...rest], distance) {
  return rest.some((point) => Math.hypot(point.x - first.x, point.y - first.y) > distance);
}

/**
 * Every pixel whose centre lies within `radius` of the path, and always the pixels under its points:
 * a brush thinner than a pixel still paints.
 * @param {Point[]} points at least one @param {number} radius in pixels
 * @param {number} width @param {number} height of the image: the stroke is cut at its border
 * @returns {Bitmap | null} null when the stroke lies outside the image
 */
export function rasterise(points, radius, width, height) {
  const xs = points.map((p) => p.x);
  const ys = points.map((p) => p.y);
  const left = Math.max(0, Math.floor(Math.min(...xs) - radius));
  const top = Math.max(0, Math.floor(Math.min(...ys) - radius));
  const right = Math.min(width, Math.ceil(Math.max(...xs) + radius) + 1);
  const bottom = Math.min(height, Math.ceil(Math.max(...ys) + radius) + 1);
  if (right <= left || bottom <= top) return null;
  const out = blank(left, top, right - left, bottom - top);
  points.forEach((point, k) => stampSegment(out, points[Math.max(0, k - 1)], point, radius));
  return out;
}

/**
 * @param {Bitmap} out written to
 * @param {Point} a @param {Point} b @param {number} radius
 */
function stampSegment(out, a, b, radius) {
  const limit = radius * radius;
  const left = Math.max(out.x, Math.floor(Math.min(a.x, b.x) - radius));
  const top = Math.max(out.y, Math.floor(Math.min(a.y, b.y) - radius));
  const right = Math.min(out.x + out.w - 1, Math.ceil(Math.max(a.x, b.x) + radius));
  const bottom = Math.min(out.y + out.h - 1, Math.ceil(Math.max(a.y, b.y) + radius));
  for (let row = top; row <= bottom; row++) {
    for (let col = left; col <= right; col++) {
      const centre = { x: col + 0.5, y: row + 0.5 };
      if (distanceToSegmentSquared(centre, a, b) <= limit) {
        out.data[(row - out.y) * out.w + (col - out.x)] = 1;
      }
    }
  }
  const col = Math.floor(b.x) - out.x;
  const row = Math.floor(b.y) - out.y;
  if (col >= 0 && row >= 0 && col < out.w && row < out.h) out.data[row * out.w + col] = 1;
}
