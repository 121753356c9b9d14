/** What is being drawn and is no mask yet. */

/** @typedef {import('../geometry/stroke.js').Point} Point */
/**
 * An outline adds to, or takes from, `targetId`; null draws a new nucleus. Corners are dragged on the
 * outline of the nucleus `id`.
 * @typedef {{kind: 'box', from: Point, to: Point}} BoxDraft
 * @typedef {{kind: 'lasso' | 'polygon', points: Point[], targetId: string | null, erase: boolean}} OutlineDraft
 * @typedef {{kind: 'knife', points: Point[]}} KnifeDraft
 * @typedef {{kind: 'vertices', id: string, outline: import('../geometry/outline.js').Outline}} VerticesDraft
 * @typedef {BoxDraft | OutlineDraft | KnifeDraft | VerticesDraft} Draft
 */

/** Two clicks so close, in screen pixels, are meant for the same place. */
export const SAME_PLACE = 4;
/** The first corner of a polygon is easier to hit than that. */
const FIRST_CORNER = 9;

/**
 * @param {Draft | null} draft @param {Point} point @param {number} scale of the view
 * @returns {boolean} a click there closes the polygon
 */
export function closesPolygon(draft, point, scale) {
  if (draft?.kind !== 'polygon' || draft.points.length < 3) return false;
  const [first] = draft.points;
  const last = draft.points[draft.points.length - 1];
  const away = (/** @type {Point} */ p) => Math.hypot(p.x - point.x, p.y - point.y) * scale;
  return away(first) <= FIRST_CORNER || away(last) < SAME_PLACE;
}

/**
 * @param {Pick<import('./view.js').ViewState, 'stroke' | 'draft'>} view
 * @returns {string | null} the nucleus that is shown as it would become, and not as it is
 */
export function reshapedId({ stroke, draft }) {
  return stroke?.targetId ?? (draft?.kind === 'vertices' ? draft.id : null);
}
