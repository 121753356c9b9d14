/**
 * Colour deconvolution after Ruifrok and Johnston (2001): what a pixel absorbs is a sum of stains,
 * each with its own direction among red, green and blue optical densities.
 */

/** @typedef {[number, number, number]} Vector */
/** @typedef {'haematoxylin' | 'eosin'} Stain */

/** @type {Record<Stain, Vector>} */
const ABSORBS = { haematoxylin: [0.65, 0.704, 0.286], eosin: [0.072, 0.99, 0.105] };

/** Below this a channel is black, and its density would be infinite. */
export const DARKEST = 1 / 255;

/**
 * How one stain alone is found and shown: density of the stain = unmix · (−ln rgb),
 * shown rgb = exp(−density × absorbs).
 * @param {Stain} stain @returns {{unmix: Vector, absorbs: Vector}}
 */
export function separation(stain) {
  const [h, e] = [unit(ABSORBS.haematoxylin), unit(ABSORBS.eosin)];
  // Whatever is neither stain goes the third way, so that it counts to none of them.
  const residual = unit(cross(h, e));
  const rows = stain === 'haematoxylin' ? [e, residual, h] : [residual, h, e];
  const volume = dot(rows[2], cross(rows[0], rows[1]));
  return { unmix: scaled(cross(rows[0], rows[1]), 1 / volume), absorbs: rows[2] };
}

/** @param {Vector} rgb in [0, 1] @param {{unmix: Vector, absorbs: Vector}} how @returns {Vector} */
export function alone(rgb, { unmix, absorbs }) {
  const density = /** @type {Vector} */ (rgb.map((v) => -Math.log(Math.max(v, DARKEST))));
  const amount = Math.max(0, dot(unmix, density));
  return /** @type {Vector} */ (absorbs.map((a) => Math.exp(-amount * a)));
}

/** @param {Vector} a @param {Vector} b */
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** @param {Vector} a @param {Vector} b @returns {Vector} */
const cross = (a, b) => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** @param {Vector} v @param {number} by @returns {Vector} */
const scaled = (v, by) => [v[0] * by, v[1] * by, v[2] * by];

/** @param {Vector} v @returns {Vector} */
const unit = (v) => scaled(v, 1 / Math.sqrt(dot(v, v)));
