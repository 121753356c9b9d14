/**
 * A mask's outline with a few corners to drag. Between corners it keeps every step of the pixels'
 * edges, so what nobody moves is rasterised to the very same pixels.
 */
import { traceLoops } from './contour.js';
import { distanceToSegmentSquared } from './stroke.js';

/** @typedef {import('./bitmap.js').Bitmap} Bitmap */
/** @typedef {import('./stroke.js').Point} Point */
/** @typedef {{points: number[], corners: number[]}} Ring  points: flat [x0, y0, …]; corners: which of them, ascending */
/** @typedef {Ring[]} Outline */
/** @typedef {{ring: number, corner: number}} CornerPlace */
/** @typedef {{ring: number, after: number, x: number, y: number}} EdgePlace  behind which point of the ring */

/** Pixels that the outline may lie off the straight line between two corners. */
const TOLERANCE = 1;
const FEWEST_CORNERS = 3;

/** @param {Bitmap} bitmap @returns {Outline} */
export function outlineOf(bitmap) {
  return traceLoops(bitmap).map((points) => ({ points, corners: cornersOf(points) }));
}

/** @param {number[]} points @param {number} k @returns {Point} */
const at = (points, k) => ({ x: points[2 * k], y: points[2 * k + 1] });

/** @param {number[]} points a closed ring @returns {number[]} which of them say enough about it */
function cornersOf(points) {
  const count = points.length / 2;
  const first = farthest(points, 0, 0, count);
  const second = farthest(points, first, first, first + count);
  const corners = [first, ...between(points, first, second), second, ...between(points, second, first + count)];
  const few = [...new Set(corners.map((k) => k % count))].sort((a, b) => a - b);
  if (few.length >= FEWEST_CORNERS) return few;
  const third = farthest(points, second, first, second);
  const fourth = farthest(points, first + count, second, first + count);
  return [...few, (third === first ? fourth : third) % count].sort((a, b) => a - b);
}

/**
 * @param {number[]} points @param {number} from @param {number} to beyond the end: once more from the start
 * @returns {number[]} corners strictly between the two
 */
function between(points, from, to) {
  const middle = farthest(points, to, from, to);
  if (middle === from || away(points, middle, from, to) <= TOLERANCE ** 2) return [];
  return [...between(points, from, middle), middle, ...between(points, middle, to)];
}

/** @param {number[]} points @param {number} k @param {number} a @param {number} b @returns {number} squared */
function away(points, k, a, b) {
  const count = points.length / 2;
  return distanceToSegmentSquared(at(points, k % count), at(points, a % count), at(points, b % count));
}

/**
 * @param {number[]} points @param {number} other end of the line that starts at `from`
 * @param {number} from @param {number} to
 * @returns {number} the point strictly between `from` and `to` that is farthest off; `from` if there is none
 */
function farthest(points, other, from, to) {
  let best = from;
  let most = -1;
  for (let k = from + 1; k < to; k++) {
    const distance = away(points, k, from, other);
    if (distance > most) [best, most] = [k, distance];
  }
  return best;
}

/** @param {Outline} outline @returns {number[][]} to be filled */
export const ringsOf = (outline) => outline.map(({ points }) => points);

/**
 * @param {Outline} outline @param {Point} point @param {number} reach
 * @returns {CornerPlace | null} the nearest corner within reach
 */
export function cornerNear(outline, point, reach) {
  /** @type {CornerPlace | null} */
  let found = null;
  let least = reach;
  outline.forEach(({ points, corners }, ring) =>
    corners.forEach((k, corner) => {
      const distance = Math.hypot(points[2 * k] - point.x, points[2 * k + 1] - point.y);
      if (distance <= least) [found, least] = [{ ring, corner }, distance];
    }),
  );
  return found;
}

/**
 * @param {Outline} outline @param {Point} point @param {number} reach
 * @returns {EdgePlace | null} the nearest place on the outline within reach
 */
export function edgeNear(outline, point, reach) {
  /** @type {EdgePlace | null} */
  let found = null;
  let least = reach * reach;
  outline.forEach(({ points }, ring) => {
    for (let k = 0; k < points.length / 2; k++) {
      const [a, b] = [at(points, k), at(points, (k + 1) % (points.length / 2))];
      const distance = distanceToSegmentSquared(point, a, b);
      if (distance > least) continue;
      const length = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
      const along = length ? ((point.x - a.x) * (b.x - a.x) + (point.y - a.y) * (b.y - a.y)) / length : 0;
      const share = Math.max(0, Math.min(1, along));
      found = { ring, after: k, x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y) };
      least = distance;
    }
  });
  return found;
}

/**
 * @param {Outline} outline @param {EdgePlace} place
 * @returns {{outline: Outline, place: CornerPlace}} with one more corner, and no pixel changed
 */
export function addCorner(outline, { ring, after, x, y }) {
  const { points, corners } = outline[ring];
  const added = {
    points: [...points.slice(0, 2 * after + 2), x, y, ...points.slice(2 * after + 2)],
    corners: [...corners.filter((k) => k <= after), after + 1, ...corners.filter((k) => k > after).map((k) => k + 1)],
  };
  return { outline: outline.with(ring, added), place: { ring, corner: added.corners.indexOf(after + 1) } };
}

/**
 * The corner goes to `to`; the outline up to the neighbouring corners follows like rubber, the rest stays.
 * @param {Outline} outline @param {CornerPlace} place @param {Point} to @returns {Outline}
 */
export function moveCorner(outline, { ring, corner }, to) {
  const { points, corners } = outline[ring];
  const count = points.length / 2;
  const moved = points.slice();
  const here = corners[corner];
  const [dx, dy] = [to.x - points[2 * here], to.y - points[2 * here + 1]];
  for (const step of [1, -1]) {
    const end = corners[(corner + step + corners.length) % corners.length];
    /** @type {[number, number][]} points on the way, each with its distance along the outline */
    const way = [];
    let length = 0;
    for (let k = here; k !== end; ) {
      const next = (k + step + count) % count;
      length += Math.hypot(points[2 * next] - points[2 * k], points[2 * next + 1] - points[2 * k + 1]);
      k = next;
      way.push([k, length]);
    }
    for (const [k, distance] of way) {
      const share = length ? 1 - distance / length : 0;
      moved[2 * k] += dx * share;
      moved[2 * k + 1] += dy * share;
    }
  }
  moved[2 * here] = to.x;
  moved[2 * here + 1] = to.y;
  return outline.with(ring, { points: moved, corners });
}

/**
 * @param {Outline} outline @param {CornerPlace} place
 * @returns {Outline | null} its neighbours joined by a straight line; null when too few would be left
 */
export function removeCorner(outline, { ring, corner }) {
  const { points, corners } = outline[ring];
  if (corners.length <= FEWEST_CORNERS) return null;
  const count = points.length / 2;
  const before = corners[(corner + corners.length - 1) % corners.length];
  const after = corners[(corner + 1) % corners.length];
  /** @type {Ring} */
  const left = { points: [], corners: [] };
  for (let k = after; ; k = (k + 1) % count) {
    if (corners.includes(k)) left.corners.push(left.points.length / 2);
    left.points.push(points[2 * k], points[2 * k + 1]);
    if (k === before) return outline.with(ring, left);
  }
}
