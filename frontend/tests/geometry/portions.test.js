import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextPart, partsOf } from '../../src/geometry/portions.js';

const size = fc.record({ width: fc.integer({ min: 1, max: 900 }), height: fc.integer({ min: 1, max: 900 }) });

test('parts cover the image once', () => {
  fc.assert(
    fc.property(size, fc.integer({ min: 0, max: 300 }), (image, count) => {
      const parts = partsOf(image, count);
      expect(parts.reduce((sum, [, , w, h]) => sum + w * h, 0)).toBe(image.width * image.height);
      for (const [x, y, w, h] of parts) {
        expect(w > 0 && h > 0 && x + w <= image.width && y + h <= image.height).toBe(true);
      }
      const corners = new Set(parts.map(([x, y]) => `${x},${y}`));
      expect(corners.size).toBe(parts.length);
    }),
  );
});

test('there are about as many parts as were asked for', () => {
  expect(partsOf({ width: 3000, height: 2000 }, 24)).toHaveLength(24);
  expect(partsOf({ width: 8000, height: 1000 }, 8)).toHaveLength(8);
});

test('what is in view comes first, from its middle outwards', () => {
  const parts = partsOf({ width: 100, height: 100 }, 100);
  const view = /** @type {import('../../src/geometry/bitmap.js').Box} */ ([42, 61, 20, 20]);
  expect(nextPart(parts, view)).toEqual([50, 70, 10, 10]);
  const elsewhere = parts.filter(([x, y]) => x < 30 || y < 50);
  expect(nextPart([...elsewhere, [60, 80, 10, 10]], view)).toEqual([60, 80, 10, 10]);
});
