import fc from 'fast-check';
import { expect, test } from 'vitest';
import { area, isSet } from '../../src/geometry/bitmap.js';
import { traceLoops } from '../../src/geometry/contour.js';
import { fillRings, ringOf } from '../../src/geometry/polygon.js';
import { filledBitmaps, pixelsOf } from './arbitrary_bitmap.js';

const SIDE = 60;
const coordinate = fc.double({ min: -10, max: 70, noNaN: true });
const corners = fc.array(fc.record({ x: coordinate, y: coordinate }), { minLength: 3, maxLength: 12 });
const fill = (points) => fillRings([ringOf(points)], SIDE, SIDE);
const pixels = (bitmap) => (bitmap ? pixelsOf(bitmap) : new Set());

test('filling the contour of a mask gives the mask, holes and all', () => {
  fc.assert(
    fc.property(filledBitmaps, (bitmap) => {
      expect(pixels(fillRings(traceLoops(bitmap), SIDE, SIDE))).toEqual(pixelsOf(bitmap));
    }),
  );
});

test('where an outline starts and which way round it is drawn makes no difference', () => {
  fc.assert(
    fc.property(corners, fc.nat(11), (points, turn) => {
      const start = turn % points.length;
      const turned = [...points.slice(start), ...points.slice(0, start)];
      expect(pixels(fill(turned))).toEqual(pixels(fill(points)));
      expect(pixels(fill(points.toReversed()))).toEqual(pixels(fill(points)));
    }),
  );
});

test('the pixels stay inside the image and inside the corners', () => {
  fc.assert(
    fc.property(corners, (points) => {
      for (const pixel of pixels(fill(points))) {
        const [col, row] = pixel.split(',').map(Number);
        expect(Math.min(col, row) >= 0 && Math.max(col, row) < SIDE).toBe(true);
        expect(points.some(({ x }) => x <= col + 0.5) && points.some(({ x }) => x >= col + 0.5)).toBe(true);
        expect(points.some(({ y }) => y <= row + 0.5) && points.some(({ y }) => y >= row + 0.5)).toBe(true);
      }
    }),
  );
});

test('a pixel belongs to the shape when its centre does', () => {
  const triangle = fill([{ x: 2, y: 2 }, { x: 12, y: 2 }, { x: 2, y: 12 }]);
  expect(isSet(triangle, 2, 2)).toBe(true);
  expect(isSet(triangle, 10, 2)).toBe(true);
  expect(isSet(triangle, 11, 2)).toBe(false);
  expect(area(triangle)).toBe(45);
});

test('a loop that crosses itself is filled, its middle too', () => {
  const star = fill([[20, 2], [31, 36], [2, 15], [38, 15], [9, 36]].map(([x, y]) => ({ x, y })));
  expect(isSet(star, 20, 20)).toBe(true);
  expect(isSet(star, 20, 5)).toBe(true);
  expect(isSet(star, 20, 33)).toBe(false);
});

test('what lies between the centres of pixels, or outside, is no mask', () => {
  expect(fill([{ x: 3.6, y: 3.6 }, { x: 4.4, y: 3.6 }, { x: 4, y: 4.4 }])).toBeNull();
  expect(fill([{ x: -9, y: 3 }, { x: -2, y: 3 }, { x: -4, y: 9 }])).toBeNull();
});
