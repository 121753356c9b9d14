/** The corners that a mask's outline is edited by: they stay where they are when one is moved. */
import { cornerNear, edgeNear, outlineOf } from '../geometry/outline.js';
import { bitmapOf } from './shapes.js';

/** @typedef {import('../geometry/outline.js').Outline} Outline */
/** @typedef {import('../geometry/outline.js').CornerPlace} CornerPlace */
/** @typedef {import('../geometry/outline.js').EdgePlace} EdgePlace */
/** @typedef {import('../geometry/rle.js').Shape} Shape */

/** Screen pixels within which the pointer takes hold of a corner or of an edge. */
const CORNER_REACH = 8;
const EDGE_REACH = 6;

/** @type {WeakMap<Shape, Outline>} rows are never changed in place; undo brings back the same ones */
const outlines = new WeakMap();

/** @param {Shape} shape @returns {Outline} */
export function editedOutline(shape) {
  let outline = outlines.get(shape);
  if (!outline) outlines.set(shape, (outline = outlineOf(bitmapOf(shape))));
  return outline;
}

/** @param {Shape} shape @param {Outline} outline that is rasterised to the shape */
export function keepOutline(shape, outline) {
  outlines.set(shape, outline);
}

/**
 * @param {Outline} outline @param {import('../geometry/stroke.js').Point} point @param {number} scale of the view
 * @returns {{corner: CornerPlace | null, edge: EdgePlace | null}} what the pointer would take hold of
 */
export function holdAt(outline, point, scale) {
  const corner = cornerNear(outline, point, CORNER_REACH / scale);
  return { corner, edge: corner ? null : edgeNear(outline, point, EDGE_REACH / scale) };
}
