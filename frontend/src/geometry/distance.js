/** @typedef {import('./bitmap.js').Bitmap} Bitmap */

/** Pixels around the mask for which distances are known, too. */
export const MARGIN = 2;
/** Distances beyond this many pixels are not told apart. */
export const REACH = 6;

/**
 * How far the centre of each pixel is from the mask's border. Between pixels the distances are to be
 * interpolated: they then cross zero on the outline that is cut through the middles of pixel edges.
 * @param {Bitmap} bitmap
 * @returns {{w: number, h: number, data: Float32Array}} the crop widened by MARGIN on each side; in
 *   pixels, positive inside, within ±REACH
 */
export function signedDistance({ w: innerW, h: innerH, data: inside }) {
  const w = innerW + 2 * MARGIN;
  const h = innerH + 2 * MARGIN;
  const set = new Uint8Array(w * h);
  for (let j = 0; j < innerH; j++) {
    set.set(inside.subarray(j * innerW, (j + 1) * innerW), (j + MARGIN) * w + MARGIN);
  }
  const vertical = verticalDistance(set, w, h);
  const data = new Float32Array(w * h);
  for (let j = 0; j < h; j++) {
    for (let i = 0; i < w; i++) {
      const k = j * w + i;
      const own = set[k];
      let least = vertical[k] * vertical[k];
      for (let d = 1; d <= REACH && d * d < least; d++) {
        for (let side = -1; side <= 1; side += 2) {
          const column = i + side * d;
          // Beyond the margin there is only background.
          if (column < 0 || column >= w) {
            if (own) least = Math.min(least, d * d);
            continue;
          }
          const other = k + side * d;
          const across = set[other] === own ? vertical[other] : 0;
          least = Math.min(least, d * d + across * across);
        }
      }
      const distance = Math.min(REACH, Math.sqrt(least) - 0.5);
      data[k] = own ? distance : -distance;
    }
  }
  return { w, h, data };
}

/**
 * @param {Uint8Array} set @param {number} w @param {number} h
 * @returns {Uint8Array} to the nearest pixel of the other kind in the same column, REACH + 1 at most
 */
function verticalDistance(set, w, h) {
  const far = REACH + 1;
  const out = new Uint8Array(w * h).fill(far);
  for (let k = w; k < w * h; k++) {
    out[k] = set[k] !== set[k - w] ? 1 : Math.min(far, out[k - w] + 1);
  }
  for (let k = w * (h - 1) - 1; k >= 0; k--) {
    out[k] = set[k] !== set[k + w] ? 1 : Math.min(out[k], out[k + w] + 1);
  }
  return out;
}
