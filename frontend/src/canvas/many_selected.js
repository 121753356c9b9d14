/** Many selected masks are drawn by the graphics processor with all others: they move at no cost. */

const MANY = 60;

/**
 * @param {Pick<import('../store/view.js').ViewState, 'selection' | 'shift'>} view
 * @returns {boolean} false for few, and for those that are being moved: they are drawn above
 */
export const areMany = ({ selection, shift }) => selection.size > MANY && !shift;
