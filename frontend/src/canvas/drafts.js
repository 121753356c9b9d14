/** What is being drawn: a box, an outline, a cut, an outline whose corner is dragged. */
import { CASING, NEGATIVE, PENDING } from './colors.js';

/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {import('../geometry/outline.js').Outline} Outline */
/** @typedef {import('../store/drafts.js').Draft} Draft */
/** @typedef {CanvasRenderingContext2D} Context */
/**
 * @typedef {{draft: Draft, color: string, at: Point | null, closes: boolean}} DraftScene
 *   at: the pointer; closes: a click there closes the polygon
 */
/**
 * @typedef {{
 *   outline: Outline, hot: import('../geometry/outline.js').CornerPlace | null, fresh: Point | null,
 * }} CornerScene  hot: the corner under the pointer; fresh: where a new one would be
 */

/** A mask that is smaller on the screen has smaller corners, or it would disappear under them. */
const LARGE = 90;

/** @param {Context} context in image pixels @param {number} pixel of the screen @param {DraftScene} scene */
export function drawDraft(context, pixel, { draft, color, at, closes }) {
  context.save();
  if (draft.kind === 'box') drawBox(context, pixel, [draft.from.x, draft.from.y, draft.to.x, draft.to.y]);
  else if (draft.kind === 'knife') drawCut(context, pixel, draft.points);
  else if (draft.kind === 'vertices') fillAndLine(context, pixel, pathOf(draft.outline), color);
  else drawOutline(context, pixel, draft, color, at, closes);
  context.restore();
}

/** @param {Context} context @param {number} pixel @param {number[]} box two opposite corners */
export function drawBox(context, pixel, [x0, y0, x1, y1]) {
  const path = new Path2D();
  path.rect(x0, y0, x1 - x0, y1 - y0);
  cased(context, pixel, path, PENDING, 1.5, [5, 3]);
}

/** @param {Context} context @param {number} pixel @param {Point[]} points */
function drawCut(context, pixel, points) {
  const path = lineOf(points);
  context.lineCap = 'butt';
  cased(context, pixel, path, '#ffffff', 2.5, []);
  context.setLineDash([6 * pixel, 6 * pixel]);
  context.strokeStyle = NEGATIVE;
  context.stroke(path);
}

/**
 * @param {Context} context @param {number} pixel @param {import('../store/drafts.js').OutlineDraft} draft
 * @param {string} color @param {Point | null} at @param {boolean} closes
 */
function drawOutline(context, pixel, { kind, points }, color, at, closes) {
  const polygon = kind === 'polygon';
  const [first] = points;
  const tip = polygon && at && !closes ? [...points, at] : points;
  context.globalAlpha = 0.25;
  context.fillStyle = color;
  context.fill(lineOf(tip));
  context.globalAlpha = 1;
  cased(context, pixel, lineOf(points), color, 2, []);
  if (!polygon) return cased(context, pixel, lineOf([points[points.length - 1], first]), color, 1.25, [4, 4]);
  const rest = closes ? [points[points.length - 1], first] : at ? [points[points.length - 1], at, first] : [];
  if (rest.length) cased(context, pixel, lineOf(rest), color, 1.25, [4, 4]);
  points.forEach((point, k) => dot(context, pixel, point, !k && closes ? 7 : k ? 3 : 4.5, color));
}

/** @param {Context} context in image pixels @param {number} pixel of the screen @param {CornerScene} scene */
export function drawCorners(context, pixel, { outline, hot, fresh }) {
  cased(context, pixel, pathOf(outline), '#ffffff', 1, []);
  outline.forEach(({ points, corners }, ring) => {
    const xs = points.filter((_, k) => k % 2 === 0);
    const small = Math.max(...xs) - Math.min(...xs) < LARGE * pixel;
    corners.forEach((k, corner) => {
      const isHot = hot?.ring === ring && hot.corner === corner;
      const size = (isHot ? 10 : small ? 5 : 8) * pixel;
      context.fillStyle = isHot ? PENDING : '#ffffff';
      context.strokeStyle = 'rgba(0, 0, 0, 0.75)';
      context.lineWidth = 1.25 * pixel;
      context.beginPath();
      context.rect(points[2 * k] - size / 2, points[2 * k + 1] - size / 2, size, size);
      context.fill();
      context.stroke();
    });
  });
  if (fresh) dot(context, pixel, fresh, 4, PENDING);
}

/** @param {Context} context @param {number} pixel @param {Path2D} path @param {string} color */
function fillAndLine(context, pixel, path, color) {
  context.globalAlpha = 0.35;
  context.fillStyle = color;
  context.fill(path);
  context.globalAlpha = 1;
  cased(context, pixel, path, color, 2, []);
}

/**
 * @param {Context} context @param {number} pixel @param {Path2D} path
 * @param {string} color @param {number} width @param {number[]} dashes screen pixels
 */
function cased(context, pixel, path, color, width, dashes) {
  context.setLineDash([]);
  context.strokeStyle = CASING;
  context.lineWidth = (width + 2) * pixel;
  context.stroke(path);
  context.setLineDash(dashes.map((dash) => dash * pixel));
  context.strokeStyle = color;
  context.lineWidth = width * pixel;
  context.stroke(path);
  context.setLineDash([]);
}

/** @param {Context} context @param {number} pixel @param {Point} point @param {number} radius @param {string} color */
function dot(context, pixel, { x, y }, radius, color) {
  context.beginPath();
  context.arc(x, y, radius * pixel, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
  context.strokeStyle = '#ffffff';
  context.lineWidth = 1.5 * pixel;
  context.stroke();
}

/** @param {Point[]} points */
function lineOf(points) {
  const path = new Path2D();
  points.forEach(({ x, y }) => path.lineTo(x, y));
  return path;
}

/** @param {Outline} outline */
function pathOf(outline) {
  const path = new Path2D();
  for (const { points } of outline) {
    path.moveTo(points[0], points[1]);
    for (let k = 2; k < points.length; k += 2) path.lineTo(points[k], points[k + 1]);
    path.closePath();
  }
  return path;
}
