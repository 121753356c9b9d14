import { CASING, PROPOSAL } from './colors.js';
import { outlineOf } from './mask_paths.js';

/** @typedef {import('../geometry/rle.js').Shape} Shape */
/**
 * @typedef {{
 *   viewport: import('../geometry/viewport.js').Viewport, ratio: number, unit: number,
 *   masks: {shape: Shape, color: string}[], proposals: Shape[],
 *   fill: number, outline: boolean,
 * }} StaticScene  fill: opacity, 0 for none; ratio: device pixels per CSS pixel; unit: CSS pixels that a line is thick, 1 or more on
 *   large screens
 */

const TOO_SMALL = 2.5;
const SMALL = 24;
const CASING_UP_TO = 800;

/** @param {CanvasRenderingContext2D} context @param {StaticScene} scene */
export function drawStatic(context, scene) {
  const { viewport, ratio } = scene;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  const scale = viewport.scale * ratio;
  context.setTransform(scale, 0, 0, scale, viewport.tx * ratio, viewport.ty * ratio);
  context.lineJoin = 'round';
  drawProposals(context, scene);
  drawMasks(context, scene);
}

/** @param {CanvasRenderingContext2D} context @param {StaticScene} scene */
function drawProposals(context, { viewport: { scale }, unit, proposals }) {
  const pixel = unit / scale;
  for (const shape of proposals) {
    const small = Math.max(shape.bbox[2], shape.bbox[3]) < SMALL * pixel;
    context.lineWidth = (small ? 2 : 1.25) * pixel;
    const outline = outlineOf(shape, scale);
    context.globalAlpha = 0.5;
    context.setLineDash([]);
    context.strokeStyle = '#000000';
    context.stroke(outline);
    context.globalAlpha = 0.85;
    // Dashes of that size would be a grey blur.
    if (small) context.lineWidth = 0.9 * pixel;
    else context.setLineDash([4 * pixel, 3 * pixel]);
    context.strokeStyle = PROPOSAL;
    context.stroke(outline);
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {StaticScene} scene */
function drawMasks(context, { viewport: { scale }, unit, masks, fill, outline: lined }) {
  const pixel = unit / scale;
  const casing = masks.length <= CASING_UP_TO;
  for (const { shape, color } of masks) {
    context.fillStyle = color;
    if (Math.max(shape.bbox[2], shape.bbox[3]) * scale < TOO_SMALL) {
      context.fillRect(...shape.bbox);
      continue;
    }
    const outline = outlineOf(shape, scale);
    if (fill > 0) {
      context.globalAlpha = fill;
      context.fill(outline);
      context.globalAlpha = 1;
    }
    if (!lined) continue;
    if (casing) {
      context.lineWidth = 3 * pixel;
      context.strokeStyle = CASING;
      context.stroke(outline);
    }
    context.lineWidth = 1.5 * pixel;
    context.strokeStyle = color;
    context.stroke(outline);
  }
}
