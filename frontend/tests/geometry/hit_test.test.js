import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contains, insideImage, isCovered, touchesSegment } from '../../src/geometry/hit_test.js';
import { distanceToSegmentSquared } from '../../src/geometry/stroke.js';
import { filledBitmaps, pixelsOf } from './arbitrary_bitmap.js';

const square = (x, y, side) => ({ x, y, w: side, h: side, data: new Uint8Array(side * side).fill(1) });

test('a point hits the pixel that covers it', () => {
  fc.assert(
    fc.property(filledBitmaps, fc.nat(0xffff), (bitmap, pick) => {
      const pixels = [...pixelsOf(bitmap)];
      const [col, row] = pixels[pick % pixels.length].split(',').map(Number);
      expect(contains(bitmap, { x: col, y: row })).toBe(true);
      expect(contains(bitmap, { x: col + 0.999, y: row + 0.999 })).toBe(true);
    }),
  );
});

test('the image has its left and top border, not its right and bottom one', () => {
  expect(insideImage({ x: 0, y: 0 }, 10, 5)).toBe(true);
  expect(insideImage({ x: 9.99, y: 4.99 }, 10, 5)).toBe(true);
  expect(insideImage({ x: 10, y: 2 }, 10, 5)).toBe(false);
  expect(insideImage({ x: 2, y: -0.01 }, 10, 5)).toBe(false);
});

test('a brush touches a mask when a pixel centre is within its reach', () => {
  const places = fc.record({ x: fc.integer({ min: 0, max: 60 }), y: fc.integer({ min: 0, max: 60 }) });
  fc.assert(
    fc.property(filledBitmaps, places, places, fc.integer({ min: 1, max: 9 }), (bitmap, a, b, radius) => {
      const near = [...pixelsOf(bitmap)].some((pixel) => {
        const [col, row] = pixel.split(',').map(Number);
        return distanceToSegmentSquared({ x: col + 0.5, y: row + 0.5 }, a, b) <= radius * radius;
      });
      expect(touchesSegment(bitmap, a, b, radius)).toBe(near);
    }),
  );
});

test('a proposal is covered from one half on', () => {
  const proposal = square(0, 0, 10);
  const half = { x: 0, y: 0, w: 5, h: 10, data: new Uint8Array(50).fill(1) };
  const less = { x: 0, y: 0, w: 4, h: 10, data: new Uint8Array(40).fill(1) };
  expect(isCovered(proposal, 100, half, 50)).toBe(true);
  expect(isCovered(proposal, 100, less, 40)).toBe(false);
  expect(isCovered(proposal, 100, square(50, 50, 10), 100)).toBe(false);
});
