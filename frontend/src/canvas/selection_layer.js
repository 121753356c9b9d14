/** The selected masks, where a drag would move them, and the line that a drag selects with. */
import { CASING } from './colors.js';
import { outlineOf } from './mask_paths.js';

/** @typedef {import('../geometry/rle.js').Shape} Shape */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {{shape: Shape, color: string}[]} Selected */

/** With so many, one path for all is drawn, without the colours of each. */
const MANY = 60;

/** @type {{shapes: Shape[], scale: number, path: Path2D}} the last of many, which seldom change */
let joined = { shapes: [], scale: 0, path: new Path2D() };

/**
 * @param {CanvasRenderingContext2D} context in image pixels
 * @param {Selected} selected @param {[number, number] | null} shift @param {number} scale @param {number} unit
 */
export function drawSelected(context, selected, shift, scale, unit) {
  if (!selected.length) return;
  const pixel = unit / scale;
  context.save();
  if (shift) context.translate(...shift);
  const path = selected.length > MANY ? join(selected, scale) : null;
  const paths = path ? [path] : selected.map(({ shape }) => outlineOf(shape, scale));
  paths.forEach((outline, k) => {
    if (selected.length > 1 || shift) {
      context.fillStyle = 'rgba(255, 255, 255, 0.22)';
      context.fill(outline);
    }
    context.strokeStyle = CASING;
    context.lineWidth = 6 * pixel;
    context.stroke(outline);
    context.strokeStyle = '#ffffff';
    context.lineWidth = 4 * pixel;
    context.stroke(outline);
    if (path) return;
    context.strokeStyle = selected[k].color;
    context.lineWidth = 2 * pixel;
    context.stroke(outline);
  });
  context.restore();
}

/** @param {Selected} selected @param {number} scale @returns {Path2D} */
function join(selected, scale) {
  const { shapes } = joined;
  const same = shapes.length === selected.length && selected.every(({ shape }, k) => shape === shapes[k]);
  if (same && joined.scale === scale) return joined.path;
  const path = new Path2D();
  for (const { shape } of selected) path.addPath(outlineOf(shape, scale));
  joined = { shapes: selected.map(({ shape }) => shape), scale, path };
  return path;
}

/** @param {CanvasRenderingContext2D} context in image pixels @param {Point[]} lasso @param {number} pixel */
export function drawLasso(context, lasso, pixel) {
  context.beginPath();
  for (const { x, y } of lasso) context.lineTo(x, y);
  context.closePath();
  context.fillStyle = 'rgba(255, 255, 255, 0.1)';
  context.fill('evenodd');
  for (const [color, dash] of /** @type {const} */ ([['rgba(0, 0, 0, 0.75)', []], ['#ffffff', [5, 4]]])) {
    context.strokeStyle = color;
    context.lineWidth = 1.5 * pixel;
    context.setLineDash(dash.map((length) => length * pixel));
    context.stroke();
  }
  context.setLineDash([]);
}
