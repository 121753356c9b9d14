import { boxTool } from './box.js';
import { brushTool } from './brush.js';
import { eraserTool } from './eraser.js';
import { knifeTool } from './knife.js';
import { lassoTool } from './lasso.js';
import { panTool } from './pan.js';
import { pointTool } from './point.js';
import { polygonTool } from './polygon.js';
import { selectTool } from './select.js';
import { verticesTool } from './vertices.js';

/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {import('../store/annotations.js').Mask} Mask */
/** @typedef {import('../store/annotations.js').Pending} Pending */
/** @typedef {import('../store/proposals.js').Proposal} Proposal */
/** @typedef {{point: Point, shift: boolean, background: boolean}} Press */
/**
 * @typedef {{
 *   tap?: (press: Press) => void, press?: (press: Press) => boolean,
 *   drag?: (points: Point[]) => void, release?: () => void, cancel?: () => void,
 *   finish?: () => boolean, back?: () => boolean,
 *   aim?: (point: Point) => string, sized?: boolean,
 * }} Tool
 *   finish, back: what Enter and Delete mean to it, false: nothing; aim: what a press there would take
 *   hold of, for the cursor; sized: as wide as the brush
 */
/**
 * What a tool may use: the store, what lies under a point, and a word to the person.
 * @typedef {{
 *   store: import('../store/store.js').Store,
 *   picker: {
 *     maskAt: (point: Point) => Mask | null, pendingAt: (point: Point) => Pending | null,
 *     proposalAt: (point: Point) => Proposal | null,
 *     masksIn: (box: import('../geometry/bitmap.js').Box) => Mask[],
 *     maskTouching: (a: Point, b: Point, radius: number) => Mask | null,
 *     proposalsIn: (box: import('../geometry/bitmap.js').Box) => Proposal[],
 *   },
 *   say: (text: string) => void,
 * }} Context
 */

/** @param {Context} context @returns {Record<import('../store/view.js').ToolName, Tool>} */
export function createTools(context) {
  return {
    point: pointTool(context),
    box: boxTool(context),
    brush: brushTool(context),
    eraser: eraserTool(context),
    lasso: lassoTool(context),
    polygon: polygonTool(context),
    vertices: verticesTool(context),
    knife: knifeTool(context),
    select: selectTool(context),
    pan: panTool(),
  };
}
