/** How an enlarged image is read from the image itself: as the server enlarges it, so that both see the same. */
import { mirrored, roundToEven } from './tiling.js';

/**
 * Where places along one axis of an enlarged image get their values: each from `taps` pixels of the
 * image, `at[place * taps]` and so on, of which each counts by its `weight`. Places from `length` on
 * lie beyond the image's edge and show its mirror.
 * @typedef {{at: Int32Array, weight: Float32Array, taps: number, length: number}} Samples
 */

/**
 * @param {{at: number, side: number, scale: number}} tile along this axis, in enlarged pixels
 * @param {number} from where in the tile the places begin @param {number} count of places
 * @param {number} imageSize in pixels of the image
 * @returns {Samples}
 */
export function samplesOf({ at: tileAt, side, scale }, from, count, imageSize) {
  // The server enlarges the part of the image that a tile touches: nothing outside of it counts.
  const start = Math.floor(tileAt / scale);
  const pixels = Math.min(imageSize, Math.ceil((tileAt + side) / scale)) - start;
  const size = Math.ceil(pixels * scale);
  const skipped = tileAt - roundToEven(start * scale);
  const length = Math.min(side, size - skipped);
  const taps = scale === 1 ? 1 : scale > 1 ? 2 : Math.ceil(1 / scale) + 1;
  const at = new Int32Array(count * taps);
  const weight = new Float32Array(count * taps);
  const read = scale === 1 ? exact : scale > 1 ? between : covered;
  for (let k = 0; k < count; k++) {
    read(skipped + mirrored(from + k, length), (tap, pixel, share) => {
      at[k * taps + tap] = start + Math.max(0, Math.min(pixels - 1, pixel));
      weight[k * taps + tap] = share;
    }, scale > 1 ? 1 / scale : pixels / size);
  }
  return { at, weight, taps, length: Math.max(0, length - from) };
}

/** @typedef {(tap: number, pixel: number, share: number) => void} Take */

/** @param {number} place @param {Take} take */
function exact(place, take) {
  take(0, place, 1);
}

/** Linear interpolation between pixel centres. @param {number} place @param {Take} take @param {number} step pixels between two places */
function between(place, take, step) {
  const centre = (place + 0.5) * step - 0.5;
  const first = Math.floor(centre);
  take(0, first, 1 - (centre - first));
  take(1, first + 1, centre - first);
}

/** The mean of the pixels that a place covers. @param {number} place @param {Take} take @param {number} step */
function covered(place, take, step) {
  const [from, to] = [place * step, (place + 1) * step];
  for (let pixel = Math.floor(from), tap = 0; pixel < to; pixel++, tap++) {
    take(tap, pixel, (Math.min(to, pixel + 1) - Math.max(from, pixel)) / step);
  }
}
