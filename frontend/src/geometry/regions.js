/** Connected parts of a mask. Pixels are neighbours over their edges, not their corners. */
import { blank } from './bitmap.js';

/** @typedef {import('./bitmap.js').Bitmap} Bitmap */
/** @typedef {import('./stroke.js').Point} Point */

/**
 * @param {Uint8Array} data w×h @param {number} w @param {number} value that the parts consist of
 * @param {(k: number, l: number) => boolean} [parted] neighbours that do not connect
 * @returns {{labels: Int32Array, sizes: number[]}} parts are numbered from 1; sizes[0] is unused
 */
export function label(data, w, value, parted) {
  const labels = new Int32Array(data.length);
  const stack = new Int32Array(data.length);
  const sizes = [0];
  for (let start = 0; start < data.length; start++) {
    if (data[start] !== value || labels[start]) continue;
    const number = sizes.length;
    let depth = 0;
    let size = 0;
    /** @param {number} k */
    const take = (k) => {
      labels[k] = number;
      stack[depth++] = k;
    };
    /** @param {number} k @param {number} from */
    const visit = (k, from) => {
      if (data[k] === value && !labels[k] && !parted?.(k, from)) take(k);
    };
    take(start);
    while (depth) {
      const k = stack[--depth];
      size += 1;
      if (k % w > 0) visit(k - 1, k);
      if (k % w < w - 1) visit(k + 1, k);
      if (k >= w) visit(k - w, k);
      if (k + w < data.length) visit(k + w, k);
    }
    sizes.push(size);
  }
  return { labels, sizes };
}

/**
 * @param {Bitmap} mask @param {Point[]} points in image pixels
 * @returns {Bitmap} the parts under the points, or the largest if they hit none, without holes
 */
export function partsUnder(mask, points) {
  const { x, y, w, h } = mask;
  const { labels, sizes } = label(mask.data, w, 1);
  const chosen = new Set();
  for (const point of points) {
    const i = Math.floor(point.x) - x;
    const j = Math.floor(point.y) - y;
    if (i >= 0 && j >= 0 && i < w && j < h) chosen.add(labels[j * w + i]);
  }
  chosen.delete(0);
  if (!chosen.size) chosen.add(sizes.indexOf(Math.max(...sizes)) || -1);
  const out = blank(x, y, w, h);
  for (let k = 0; k < labels.length; k++) out.data[k] = chosen.has(labels[k]) ? 1 : 0;
  fillHoles(out);
  return out;
}

/** @param {Bitmap} mask @returns {Bitmap} with the background that it encloses */
export function withoutHoles(mask) {
  const out = { ...mask, data: mask.data.slice() };
  fillHoles(out);
  return out;
}

/** @param {Bitmap} mask @returns {number} how many connected parts it has */
export const countParts = (mask) => label(mask.data, mask.w, 1).sizes.length - 1;

/** @param {Bitmap} mask written to: background that the crop's border does not reach is set */
function fillHoles({ w, h, data }) {
  const { labels } = label(data, w, 0);
  const outside = new Set();
  for (let i = 0; i < w; i++) outside.add(labels[i]).add(labels[(h - 1) * w + i]);
  for (let j = 0; j < h; j++) outside.add(labels[j * w]).add(labels[j * w + w - 1]);
  for (let k = 0; k < data.length; k++) if (!outside.has(labels[k])) data[k] = 1;
}
