/** How the image's colours are changed for the eye, and only for the eye. */
import { alone, separation } from './stains.js';

/** @typedef {import('./stains.js').Vector} Vector */
/**
 * @typedef {{
 *   brightness: number, contrast: number, gamma: number,
 *   stain: 'all' | import('./stains.js').Stain, primaries: [boolean, boolean, boolean],
 * }} Adjustments  brightness and contrast in [-1, 1], 0 as it is; gamma above 1 brightens the dark;
 *   primaries: which of red, green and blue are shown
 */

/** @type {Readonly<Adjustments>} */
export const AS_STORED = { brightness: 0, contrast: 0, gamma: 1, stain: 'all', primaries: [true, true, true] };

export const GAMMA = { least: 0.25, most: 4 };

/** @param {Adjustments} adjustments @returns {boolean} */
export function isAsStored({ brightness, contrast, gamma, stain, primaries }) {
  return brightness === 0 && contrast === 0 && gamma === 1 && stain === 'all' && primaries.every(Boolean);
}

/**
 * What of it suits an image: a grey one has neither stains nor colours.
 * @param {Adjustments} adjustments @param {number} channels of the image @returns {Adjustments}
 */
export const suitedTo = (adjustments, channels) =>
  channels >= 3 ? adjustments : { ...adjustments, stain: AS_STORED.stain, primaries: AS_STORED.primaries };

/** @param {Record<string, any>} kept by a browser, by whatever version @returns {Adjustments} what of it makes sense */
export function fromKept(kept) {
  const within = (/** @type {any} */ v, /** @type {number} */ least, /** @type {number} */ most) =>
    typeof v === 'number' && v >= least && v <= most;
  return {
    brightness: within(kept.brightness, -1, 1) ? kept.brightness : AS_STORED.brightness,
    contrast: within(kept.contrast, -1, 1) ? kept.contrast : AS_STORED.contrast,
    gamma: within(kept.gamma, GAMMA.least, GAMMA.most) ? kept.gamma : AS_STORED.gamma,
    stain: ['haematoxylin', 'eosin'].includes(kept.stain) ? kept.stain : AS_STORED.stain,
    primaries:
      Array.isArray(kept.primaries) && kept.primaries.length === 3
        ? /** @type {Adjustments['primaries']} */ (kept.primaries.map(Boolean))
        : AS_STORED.primaries,
  };
}

/**
 * The same in the terms of a line and a power: v → clamp(slope × v + offset) ^ exponent.
 * @param {Pick<Adjustments, 'brightness' | 'contrast' | 'gamma'>} adjustments
 */
export function curveOf({ brightness, contrast, gamma }) {
  const slope = 8 ** contrast;
  return { slope, offset: 0.5 - 0.5 * slope + brightness, exponent: 1 / gamma };
}

/** @param {number} v in [0, 1] @param {ReturnType<typeof curveOf>} curve @returns {number} in [0, 1] */
export const bent = (v, { slope, offset, exponent }) =>
  Math.min(1, Math.max(0, slope * v + offset)) ** exponent;

/**
 * What the graphics processor does, done by the other one.
 * @param {Uint8ClampedArray} data RGBA, changed in place; alpha stays
 * @param {Adjustments} adjustments
 */
export function adjustPixels(data, adjustments) {
  const curve = curveOf(adjustments);
  const table = Uint8ClampedArray.from({ length: 256 }, (_, v) => 255 * bent(v / 255, curve));
  const how = adjustments.stain === 'all' ? null : separation(adjustments.stain);
  const [red, green, blue] = adjustments.primaries;
  for (let k = 0; k < data.length; k += 4) {
    if (how) {
      const shown = alone([data[k] / 255, data[k + 1] / 255, data[k + 2] / 255], how);
      for (let c = 0; c < 3; c++) data[k + c] = 255 * shown[c];
    }
    data[k] = red ? table[data[k]] : 0;
    data[k + 1] = green ? table[data[k + 1]] : 0;
    data[k + 2] = blue ? table[data[k + 2]] : 0;
  }
}
