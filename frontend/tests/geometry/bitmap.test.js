import fc from 'fast-check';
import { expect, test } from 'vitest';
import { area, crop, intersectionArea, isSet, subtract, tighten, union } from '../../src/geometry/bitmap.js';
import { bitmaps, filledBitmaps, pixelsOf } from './arbitrary_bitmap.js';

test('union, difference and intersection are those of the pixel sets', () => {
  fc.assert(
    fc.property(bitmaps, bitmaps, (a, b) => {
      const [inA, inB] = [pixelsOf(a), pixelsOf(b)];
      const shared = [...inA].filter((pixel) => inB.has(pixel));
      expect(pixelsOf(union(a, b))).toEqual(new Set([...inA, ...inB]));
      expect(pixelsOf(subtract(a, b))).toEqual(new Set([...inA].filter((pixel) => !inB.has(pixel))));
      expect(intersectionArea(a, b)).toBe(shared.length);
    }),
  );
});

test('tightening keeps every pixel and touches all four sides', () => {
  fc.assert(
    fc.property(filledBitmaps, (bitmap) => {
      const tight = tighten(bitmap);
      const pixels = [...pixelsOf(tight)].map((pixel) => pixel.split(',').map(Number));
      expect(pixelsOf(tight)).toEqual(pixelsOf(bitmap));
      expect(Math.min(...pixels.map(([col]) => col))).toBe(tight.x);
      expect(Math.max(...pixels.map(([col]) => col))).toBe(tight.x + tight.w - 1);
      expect(Math.min(...pixels.map(([, row]) => row))).toBe(tight.y);
      expect(Math.max(...pixels.map(([, row]) => row))).toBe(tight.y + tight.h - 1);
    }),
  );
});

test('nothing is left of an empty bitmap', () => {
  expect(tighten({ x: 4, y: 4, w: 2, h: 2, data: new Uint8Array(4) })).toBeNull();
});

test('operations leave their operands alone', () => {
  fc.assert(
    fc.property(bitmaps, bitmaps, (a, b) => {
      const before = [a.data.slice(), b.data.slice()];
      union(a, b);
      subtract(a, b);
      crop(a, [0, 0, 5, 5]);
      expect([a.data, b.data]).toEqual(before);
    }),
  );
});

test('a pixel outside the crop is background', () => {
  const bitmap = { x: 5, y: 5, w: 1, h: 1, data: Uint8Array.of(1) };
  expect(isSet(bitmap, 5, 5)).toBe(true);
  expect(isSet(bitmap, 4, 5)).toBe(false);
  expect(isSet(bitmap, 6, 5)).toBe(false);
  expect(area(bitmap)).toBe(1);
});
