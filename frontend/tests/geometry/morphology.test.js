import fc from 'fast-check';
import { expect, test } from 'vitest';
import { area, isSet, subtract } from '../../src/geometry/bitmap.js';
import { clampShift, grow, shrink, smooth } from '../../src/geometry/morphology.js';
import { countParts, withoutHoles } from '../../src/geometry/regions.js';

const IMAGE = { width: 16, height: 12 };

/** Any mask of the image, also at its border. */
const mask = fc
  .uint8Array({ minLength: 192, maxLength: 192, max: 1 })
  .map((data) => ({ x: 0, y: 0, w: IMAGE.width, h: IMAGE.height, data }));
const everyPixel = (check) => {
  for (let row = 0; row < IMAGE.height; row++) for (let col = 0; col < IMAGE.width; col++) check(col, row);
};
const neighbours = (col, row) =>
  [[col + 1, row], [col - 1, row], [col, row + 1], [col, row - 1]].filter(
    ([x, y]) => x >= 0 && y >= 0 && x < IMAGE.width && y < IMAGE.height,
  );

test('growing adds exactly the pixels that touch the mask', () => {
  fc.assert(
    fc.property(mask, (before) => {
      const after = grow(before, IMAGE);
      everyPixel((col, row) => {
        const near = neighbours(col, row).some(([x, y]) => isSet(before, x, y));
        expect(isSet(after, col, row)).toBe(isSet(before, col, row) || near);
      });
    }),
    { numRuns: 30 },
  );
});

test('shrinking is growing the background, and the image’s border is no edge', () => {
  fc.assert(
    fc.property(mask, (before) => {
      const after = shrink(before, IMAGE);
      everyPixel((col, row) => {
        const inner = neighbours(col, row).every(([x, y]) => isSet(before, x, y));
        expect(isSet(after, col, row)).toBe(isSet(before, col, row) && inner);
      });
    }),
    { numRuns: 30 },
  );
});

test('what grew and shrank again has lost nothing', () => {
  fc.assert(
    fc.property(mask, (before) => {
      const after = shrink(grow(before, IMAGE), IMAGE);
      expect(area(subtract(before, after))).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test('smoothing takes away a spur and a lone pixel, and leaves the rest of a disc', () => {
  const disc = { x: 3, y: 1, w: 10, h: 10, data: new Uint8Array(100) };
  for (let j = 0; j < 10; j++) {
    for (let i = 0; i < 10; i++) disc.data[j * 10 + i] = Math.hypot(i - 4, j - 4.5) < 4 ? 1 : 0;
  }
  const calm = smooth(disc, IMAGE);
  const spoilt = { ...disc, data: disc.data.slice() };
  spoilt.data[4 * 10 + 8] = 1;
  spoilt.data[4 * 10 + 9] = 1;
  const smoothed = smooth(spoilt, IMAGE);
  expect(isSet(smoothed, 12, 5)).toBe(false);
  expect(Math.abs(area(smoothed) - area(calm))).toBeLessThan(3);
  expect(Math.abs(area(calm) - area(disc))).toBeLessThan(6);
});

test('a mask without holes has one background part around it, and the same outside', () => {
  fc.assert(
    fc.property(mask, (before) => {
      const after = withoutHoles(before);
      expect(area(subtract(before, after))).toBe(0);
      expect(withoutHoles(after).data).toEqual(after.data);
      expect(countParts(after)).toBeLessThanOrEqual(countParts(before));
    }),
    { numRuns: 50 },
  );
});

test('a shift ends at the image’s border', () => {
  expect(clampShift([2, 3, 4, 4], -5, 2.4, IMAGE)).toEqual([-2, 2]);
  expect(clampShift([2, 3, 4, 4], 50, 50, IMAGE)).toEqual([10, 5]);
});
