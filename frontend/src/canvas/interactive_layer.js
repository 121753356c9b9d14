import { centreOf } from '../geometry/rectangle.js';
import { toScreen } from '../geometry/viewport.js';
import { CASING, NEGATIVE, PENDING, POSITIVE } from './colors.js';
import { drawBox, drawCorners, drawDraft } from './drafts.js';
import { outlineOf } from './mask_paths.js';
import { drawLasso, drawSelected } from './selection_layer.js';

/** @typedef {import('../geometry/rle.js').Shape} Shape */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {import('../store/annotations.js').Pending} Pending */
/**
 * @typedef {{
 *   viewport: import('../geometry/viewport.js').Viewport, ratio: number, unit: number, time: number, still: boolean,
 *   pendings: Pending[], activeId: string | null, selected: import('./selection_layer.js').Selected,
 *   shift: [number, number] | null, lasso: Point[] | null,
 *   hovered: Shape | null, preview: Shape | null, opacity: number,
 *   stroke: import('../store/view.js').Stroke | null, strokeBase: {shape: Shape, color: string} | null,
 *   draft: import('./drafts.js').DraftScene | null, corners: import('./drafts.js').CornerScene | null,
 *   reshaped: string | null, strokeColor: string, brush: {at: Point, radius: number, erase: boolean} | null,
 *   crosshair: Point | null,
 * }} InteractiveScene  reshaped: the nucleus that a stroke or draft shows; still: the person asked for less motion
 */
/** @typedef {CanvasRenderingContext2D} Context */

/** @param {Context} context @param {InteractiveScene} scene */
export function drawInteractive(context, scene) {
  const { ratio, stroke } = scene;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  inImage(context, scene);
  context.lineJoin = 'round';
  context.lineCap = 'round';
  const pixel = scene.unit / scene.viewport.scale;
  if (stroke) drawStroke(context, scene, stroke);
  if (scene.hovered) outline(context, scene, scene.hovered, '#ffffff', 1.5);
  if (scene.preview) outline(context, scene, scene.preview, PENDING, 1.25);
  drawSelected(context, scene.selected, scene.shift, scene.viewport.scale, scene.unit);
  if (scene.lasso) drawLasso(context, scene.lasso, scene.unit / scene.viewport.scale);
  for (const pending of scene.pendings) {
    if (pending.box) drawBox(context, pixel, pending.box);
    if (pending.shape && pending.id !== scene.reshaped) {
      drawPending(context, scene, pending.shape, pending.id === scene.activeId);
    }
  }
  if (scene.draft) drawDraft(context, pixel, scene.draft);
  if (scene.corners) drawCorners(context, pixel, scene.corners);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  for (const pending of scene.pendings) drawClicks(context, scene, pending);
  if (scene.brush) drawBrush(context, scene, scene.brush);
  if (scene.crosshair) drawCrosshair(context, scene, scene.crosshair);
}

/** @param {Context} context @param {InteractiveScene} scene */
function inImage(context, { viewport, ratio }) {
  const scale = viewport.scale * ratio;
  context.setTransform(scale, 0, 0, scale, viewport.tx * ratio, viewport.ty * ratio);
}

/**
 * @param {Context} context @param {InteractiveScene} scene @param {Shape} shape
 * @param {string} color @param {number} width CSS pixels
 */
function outline(context, { viewport: { scale }, unit }, shape, color, width) {
  const pixel = unit / scale;
  const path = outlineOf(shape, scale);
  context.strokeStyle = CASING;
  context.lineWidth = (width + 2) * pixel;
  context.stroke(path);
  context.strokeStyle = color;
  context.lineWidth = width * pixel;
  context.stroke(path);
}

/** @param {Context} context @param {InteractiveScene} scene @param {Shape} shape @param {boolean} active */
function drawPending(context, scene, shape, active) {
  context.globalAlpha = active ? 0.3 : 0.18;
  context.fillStyle = PENDING;
  context.fill(outlineOf(shape, scene.viewport.scale));
  context.globalAlpha = 1;
  outline(context, scene, shape, PENDING, active ? 2.5 : 1.5);
}

/** @param {Context} context @param {InteractiveScene} scene @param {import('../store/view.js').Stroke} stroke */
function drawStroke(context, scene, stroke) {
  const { strokeBase, strokeColor, opacity } = scene;
  context.globalAlpha = 1;
  if (strokeBase) {
    context.fillStyle = strokeBase.color;
    context.fill(outlineOf(strokeBase.shape, scene.viewport.scale));
  }
  context.globalCompositeOperation = stroke.erase ? 'destination-out' : 'source-over';
  context.strokeStyle = strokeBase?.color ?? strokeColor;
  context.lineWidth = Math.max(2 * stroke.radius, 1 / scene.viewport.scale);
  context.beginPath();
  stroke.points.forEach(({ x, y }) => context.lineTo(x, y));
  const last = stroke.points[stroke.points.length - 1];
  context.lineTo(last.x + 1e-3, last.y);
  context.stroke();
  // What was painted opaquely is thinned as a whole: overlaps within one stroke must not show.
  context.globalCompositeOperation = 'destination-in';
  context.fillStyle = `rgba(0, 0, 0, ${Math.max(0.45, opacity)})`;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.globalCompositeOperation = 'source-over';
  inImage(context, scene);
}

/** @param {Context} context @param {InteractiveScene} scene @param {Pending} pending */
function drawClicks(context, scene, pending) {
  const faded = pending.id !== scene.activeId;
  for (const click of pending.clicks) {
    context.save();
    moveTo(context, scene, click);
    marker(context, click.positive, faded);
    context.restore();
  }
  const last = pending.clicks[pending.clicks.length - 1] ?? (pending.box && centreOf(pending.box));
  if (!last) return;
  context.save();
  moveTo(context, scene, last);
  if (pending.status === 'thinking') drawRing(context, scene);
  if (pending.status === 'empty' || pending.status === 'failed') question(context);
  context.restore();
}

/**
 * The origin goes to a point of the image, in units that grow with the screen.
 * @param {Context} context @param {InteractiveScene} scene @param {Point} point
 */
function moveTo(context, { viewport, unit }, point) {
  const { x, y } = toScreen(viewport, point);
  context.translate(x, y);
  context.scale(unit, unit);
}

/** @param {Context} context @param {boolean} positive @param {boolean} faded */
function marker(context, positive, faded) {
  context.globalAlpha = faded ? 0.7 : 1;
  context.beginPath();
  context.arc(0, 0, 6.5, 0, 2 * Math.PI);
  context.fillStyle = positive ? POSITIVE : NEGATIVE;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = '#ffffff';
  context.stroke();
  context.beginPath();
  context.moveTo(-3, 0);
  context.lineTo(3, 0);
  if (positive) {
    context.moveTo(0, -3);
    context.lineTo(0, 3);
  }
  context.stroke();
  context.globalAlpha = 1;
}

/** @param {Context} context  no nucleus, or no answer, here */
function question(context) {
  context.beginPath();
  context.arc(0, 0, 13, 0, 2 * Math.PI);
  context.setLineDash([3, 4]);
  context.lineWidth = 4;
  context.strokeStyle = CASING;
  context.stroke();
  context.lineWidth = 2;
  context.strokeStyle = PENDING;
  context.stroke();
  context.setLineDash([]);
}

/** @param {Context} context @param {InteractiveScene} scene */
function drawRing(context, { time, still }) {
  const turn = still ? 0 : (time / 900) * 2 * Math.PI;
  context.lineWidth = 5;
  context.strokeStyle = CASING;
  context.beginPath();
  context.arc(0, 0, 14, 0, 2 * Math.PI);
  context.stroke();
  context.lineWidth = 3;
  context.strokeStyle = PENDING;
  context.beginPath();
  context.arc(0, 0, 14, turn, turn + 1.5 * Math.PI);
  context.stroke();
}

/**
 * @param {Context} context @param {InteractiveScene} scene
 * @param {{at: Point, radius: number, erase: boolean}} brush
 */
function drawBrush(context, { viewport, unit }, { at, radius, erase }) {
  const { x, y } = toScreen(viewport, at);
  const size = Math.max(radius * viewport.scale, 2);
  for (const [width, color] of /** @type {const} */ ([[3, 'rgba(0, 0, 0, 0.6)'], [1.5, '#ffffff']])) {
    context.beginPath();
    context.arc(x, y, size, 0, 2 * Math.PI);
    if (erase) context.setLineDash([4, 3]);
    context.lineWidth = width * unit;
    context.strokeStyle = color;
    context.stroke();
  }
  context.setLineDash([]);
}

/** @param {Context} context @param {InteractiveScene} scene @param {Point} at */
function drawCrosshair(context, scene, at) {
  context.save();
  moveTo(context, scene, at);
  for (const [width, color] of /** @type {const} */ ([[4, 'rgba(0, 0, 0, 0.6)'], [1.75, '#ffffff']])) {
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(dx * 5, dy * 5);
      context.lineTo(dx * 20, dy * 20);
    }
    context.lineWidth = width;
    context.strokeStyle = color;
    context.stroke();
  }
  context.restore();
}
