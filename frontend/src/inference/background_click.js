/** The background click that the network expects and a person need not give. */
import { mirrored } from '../geometry/tiling.js';

/** @typedef {import('../geometry/stroke.js').Point} Point */

/** It keeps this distance from the person's clicks, in pixels. */
const CLEARANCE = 12;
/** A Gaussian of σ = 2 in 1/256, as OpenCV rounds it. */
const KERNEL = [1, 2, 7, 16, 31, 45, 52, 45, 31, 16, 7, 2, 1];
const REACH = 6;

/**
 * @param {Uint8Array} foreground size×size, at half the image's resolution
 * @param {number} size @param {Point[]} clicks in window pixels
 * @returns {Point} near the clicks and least likely a nucleus, in window pixels
 */
export function backgroundClick(foreground, size, clicks) {
  const blurred = blur(foreground, size);
  let best = Infinity;
  let at = 0;
  for (let k = 0; k < blurred.length; k++) {
    const x = 2 * (k % size) + 1;
    const y = 2 * Math.floor(k / size) + 1;
    // Single precision as on the server: ties must be ties here, too.
    let cost = blurred[k];
    for (const click of clicks) {
      const away = Math.hypot(x - click.x, y - click.y);
      cost = Math.fround(cost + (away < CLEARANCE ? 1e3 : away * 0.2));
    }
    if (cost < best) {
      best = cost;
      at = k;
    }
  }
  return { x: 2 * (at % size) + 1, y: 2 * Math.floor(at / size) + 1 };
}

/** @param {Uint8Array} map size×size @param {number} size @returns {Uint8Array} */
function blur(map, size) {
  const source = Array.from({ length: size + 2 * REACH }, (_, k) => mirrored(k - REACH, size));
  const rows = new Uint16Array(map.length);
  const out = new Uint8Array(map.length);
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let k = 0; k < KERNEL.length; k++) sum += KERNEL[k] * map[j * size + source[i + k]];
      rows[j * size + i] = sum;
    }
  }
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      let sum = 0x8000;
      for (let k = 0; k < KERNEL.length; k++) sum += KERNEL[k] * rows[source[j + k] * size + i];
      out[j * size + i] = sum >> 16;
    }
  }
  return out;
}
