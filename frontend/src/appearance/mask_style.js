/** Whether masks are filled, outlined or both, and how opaque the fill is. */

/** @typedef {'both' | 'outline' | 'fill'} MaskStyle */

export const MASK_STYLES = /** @type {const} */ (['outline', 'fill', 'both']);

// A mask without an outline must not vanish when the slider is at its end.
const FAINTEST = 0.15;

/**
 * @param {MaskStyle} style @param {number} opacity in [0, 1]
 * @returns {{fill: number, outline: boolean}} fill: its opacity, 0 for none
 */
export function paintOf(style, opacity) {
  if (style === 'outline') return { fill: 0, outline: true };
  if (style === 'fill') return { fill: Math.max(opacity, FAINTEST), outline: false };
  return { fill: opacity, outline: true };
}

/**
 * @template T
 * @param {readonly T[]} all @param {T} one @returns {T} the one after it, round and round
 */
export const nextOf = (all, one) => all[(all.indexOf(one) + 1) % all.length];
