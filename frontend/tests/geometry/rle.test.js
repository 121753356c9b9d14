import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tighten } from '../../src/geometry/bitmap.js';
import { decode, encode, packRuns, unpackRuns } from '../../src/geometry/rle.js';
import { filledBitmaps, pixelsOf } from './arbitrary_bitmap.js';
import fixtures from './pycocotools_masks.json';

test.each(fixtures)('decodes what pycocotools encoded: $name', ({ rows, counts, area }) => {
  const bitmap = decode({ bbox: [0, 0, rows[0].length, rows.length], counts });
  expect([...bitmap.data].join('')).toBe(rows.join(''));
  expect(encode(bitmap)?.area).toBe(area);
});

test.each(fixtures)('encodes as pycocotools does: $name', ({ rows, counts, bbox }) => {
  const data = Uint8Array.from(rows.join(''), Number);
  const shape = encode({ x: 10, y: 20, w: rows[0].length, h: rows.length, data });
  expect(shape?.bbox).toEqual([bbox[0] + 10, bbox[1] + 20, bbox[2], bbox[3]]);
  if (bbox[2] === rows[0].length && bbox[3] === rows.length) expect(shape?.counts).toBe(counts);
});

test('a mask survives the way out and back, pixel for pixel', () => {
  fc.assert(
    fc.property(filledBitmaps, (bitmap) => {
      const shape = encode(bitmap);
      expect(pixelsOf(decode(shape))).toEqual(pixelsOf(bitmap));
      expect(shape.area).toBe(pixelsOf(bitmap).size);
    }),
  );
});

test('boxes are tight', () => {
  fc.assert(
    fc.property(filledBitmaps, (bitmap) => {
      const { x, y, w, h } = tighten(bitmap);
      expect(encode(bitmap).bbox).toEqual([x, y, w, h]);
    }),
  );
});

test('run lengths survive packing, however long', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 150_000_000 })), (runs) => {
      expect(unpackRuns(packRuns(runs))).toEqual(runs);
    }),
  );
});

test('an empty mask does not exist', () => {
  expect(encode({ x: 0, y: 0, w: 3, h: 2, data: new Uint8Array(6) })).toBeNull();
});

test.each([
  ['another alphabet', 'ab{}~', [0, 0, 2, 2]],
  ['an unfinished number', 'o', [0, 0, 2, 2]],
  ['too short', '4', [0, 0, 3, 2]],
  ['too long', '9', [0, 0, 3, 2]],
])('refuses %s', (_, counts, bbox) => {
  expect(() => decode({ bbox, counts })).toThrow(RangeError);
});
