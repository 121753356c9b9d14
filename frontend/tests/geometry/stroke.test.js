import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distanceToSegmentSquared, rasterise } from '../../src/geometry/stroke.js';
import { pixelsOf } from './arbitrary_bitmap.js';

const WIDTH = 30;
const HEIGHT = 20;
const points = fc.array(
  fc.record({ x: fc.double({ min: -5, max: 35, noNaN: true }), y: fc.double({ min: -5, max: 25, noNaN: true }) }),
  { minLength: 1, maxLength: 5 },
);
const radii = fc.double({ min: 0.5, max: 6, noNaN: true });

test('a stroke paints the pixels whose centres are within its radius, inside the image', () => {
  fc.assert(
    fc.property(points, radii, (path, radius) => {
      const painted = rasterise(path, radius, WIDTH, HEIGHT);
      const pixels = painted ? pixelsOf(painted) : new Set();
      for (let row = 0; row < HEIGHT; row++) {
        for (let col = 0; col < WIDTH; col++) {
          const centre = { x: col + 0.5, y: row + 0.5 };
          const within = path.some(
            (point, k) => distanceToSegmentSquared(centre, path[Math.max(0, k - 1)], point) <= radius ** 2,
          );
          const under = path.some(({ x, y }) => Math.floor(x) === col && Math.floor(y) === row);
          expect(pixels.has(`${col},${row}`)).toBe(within || under);
        }
      }
      expect([...pixels].every((p) => p.split(',').every((v, k) => v >= 0 && v < [WIDTH, HEIGHT][k]))).toBe(true);
    }),
  );
});

test('the thinnest brush still paints the pixel under it', () => {
  const painted = rasterise([{ x: 4.02, y: 7.97 }], 0.1, WIDTH, HEIGHT);
  expect([...pixelsOf(painted)]).toEqual(['4,7']);
});

test('a stroke outside the image paints nothing', () => {
  expect(rasterise([{ x: -50, y: 3 }], 4, WIDTH, HEIGHT)).toBeNull();
});
