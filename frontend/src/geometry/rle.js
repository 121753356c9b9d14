import { blank, tighten } from './bitmap.js';

/** @typedef {import('./bitmap.js').Bitmap} Bitmap */
/**
 * A mask as it travels: tight box in image pixels and the COCO compressed run lengths of that crop,
 * column by column, background first.
 * @typedef {{bbox: [number, number, number, number], counts: string, area: number}} Shape
 */

/**
 * @param {string} counts COCO compressed string
 * @returns {number[]} run lengths, background first
 * @throws {RangeError} when the string is not COCO's alphabet, ends early or has a negative run
 */
export function unpackRuns(counts) {
  /** @type {number[]} */
  const runs = [];
  let p = 0;
  while (p < counts.length) {
    let value = 0;
    let shift = 0;
    let more = true;
    while (more) {
      const c = counts.charCodeAt(p++) - 48;
      if (!(c >= 0 && c < 64) || shift > 30) throw new RangeError('The run lengths are not COCO text.');
      value |= (c & 0x1f) << shift;
      more = (c & 0x20) !== 0;
      shift += 5;
      if (!more && c & 0x10 && shift < 32) value |= -1 << shift;
    }
    if (runs.length > 2) value += runs[runs.length - 2];
    if (value < 0) throw new RangeError('A run length is negative.');
    runs.push(value);
  }
  return runs;
}

/** @param {number[]} runs background first @returns {string} COCO compressed string */
export function packRuns(runs) {
  let text = '';
  for (let i = 0; i < runs.length; i++) {
    let value = i > 2 ? runs[i] - runs[i - 2] : runs[i];
    let more = true;
    while (more) {
      let c = value & 0x1f;
      value >>= 5;
      more = c & 0x10 ? value !== -1 : value !== 0;
      if (more) c |= 0x20;
      text += String.fromCharCode(c + 48);
    }
  }
  return text;
}

/**
 * @param {{bbox: [number, number, number, number], counts: string}} shape
 * @returns {Bitmap}
 * @throws {RangeError} when the runs do not fill the box exactly
 */
export function decode({ bbox, counts }) {
  const bitmap = blank(...bbox);
  const { w, h, data } = bitmap;
  const size = w * h;
  let at = 0;
  let value = 0;
  for (const run of unpackRuns(counts)) {
    const end = at + run;
    if (end > size) throw new RangeError('The run lengths do not fill the box.');
    if (value) for (let k = at; k < end; k++) data[(k % h) * w + ((k / h) | 0)] = 1;
    at = end;
    value ^= 1;
  }
  if (at !== size) throw new RangeError('The run lengths do not fill the box.');
  return bitmap;
}

/** @param {Bitmap} bitmap @returns {Shape | null} null when nothing is set: empty masks do not exist */
export function encode(bitmap) {
  const tight = tighten(bitmap);
  if (!tight) return null;
  const { x, y, w, h, data } = tight;
  /** @type {number[]} */
  const runs = [];
  let value = 0;
  let run = 0;
  let area = 0;
  for (let i = 0; i < w; i++) {
    for (let k = i; k < data.length; k += w) {
      if (data[k] === value) run += 1;
      else {
        runs.push(run);
        value ^= 1;
        run = 1;
      }
      area += data[k];
    }
  }
  runs.push(run);
  return { bbox: [x, y, w, h], counts: packRuns(runs), area };
}
