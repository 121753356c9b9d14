import { createState } from './state.js';

/** @typedef {'point' | 'box' | 'brush' | 'eraser' | 'lasso' | 'polygon' | 'vertices' | 'knife' | 'select' | 'pan'} ToolName */
/** @typedef {'masks' | 'image' | 'aids' | 'compare' | 'history'} ViewSection */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/**
 * A stroke under way; `targetId` is the nucleus it fixes, null while it has touched none.
 * @typedef {{points: Point[], radius: number, erase: boolean, targetId: string | null}} Stroke
 */
/**
 * How one person looks at the image: never saved to the server.
 * @typedef {{
 *   tool: ToolName, brushSize: number, background: boolean, fastMode: boolean,
 *   currentClass: number | null, selection: ReadonlySet<string>, selectedId: string | null, activeId: string | null,
 *   opacity: number, maskStyle: import('../appearance/mask_style.js').MaskStyle,
 *   colorBy: import('../appearance/mask_colors.js').ColorBy, hidden: boolean,
 *   minimap: boolean, pixelGrid: boolean, scaleBar: boolean, uncertainParts: boolean,
 *   openSections: ViewSection[], sectionInFocus: ViewSection | null,
 *   showMasks: boolean, showProposals: boolean, minScore: number, hoverPreview: boolean,
 *   viewport: import('../geometry/viewport.js').Viewport,
 *   screen: import('../geometry/viewport.js').Size,
 *   pointer: Point | null, pressed: Point | null, preview: import('../geometry/rle.js').Shape | null,
 *   crosshair: Point | null, crosshairMoved: boolean, stroke: Stroke | null,
 *   lasso: Point[] | null, shift: [number, number] | null, draft: import('./drafts.js').Draft | null,
 * }} ViewState  selection: ids of masks, selectedId: the only one of them;
 *   lasso: what a drag selects; shift: how far a drag has moved the selected;
 *   sectionInFocus: was opened by a key, which wants to go on there; preview: what a click where the pointer is would give
 */

/** Kept between visits on this device. */
export const REMEMBERED = /** @type {const} */ ([
  'brushSize', 'fastMode', 'opacity', 'maskStyle', 'colorBy', 'openSections', 'minimap', 'pixelGrid',
  'scaleBar', 'uncertainParts', 'showProposals', 'minScore',
  'hoverPreview',
]);

/** @param {Partial<ViewState>} remembered */
export function createView(remembered = {}) {
  return createState(
    /** @type {ViewState} */ ({
      tool: 'point',
      brushSize: 8,
      background: false,
      fastMode: false,
      currentClass: null,
      selection: new Set(),
      selectedId: null,
      activeId: null,
      opacity: 0.35,
      maskStyle: 'both',
      colorBy: 'class',
      minimap: true,
      pixelGrid: true,
      scaleBar: true,
      uncertainParts: true,
      openSections: [],
      sectionInFocus: null,
      hidden: false,
      showMasks: true,
      showProposals: true,
      minScore: 0.5,
      hoverPreview: true,
      viewport: { scale: 1, tx: 0, ty: 0 },
      screen: { width: 1, height: 1 },
      pointer: null,
      pressed: null,
      preview: null,
      crosshair: null,
      crosshairMoved: false,
      stroke: null,
      lasso: null,
      shift: null,
      draft: null,
      ...remembered,
    }),
  );
}
