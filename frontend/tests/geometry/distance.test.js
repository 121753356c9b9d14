import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSet } from '../../src/geometry/bitmap.js';
import { MARGIN, REACH, signedDistance } from '../../src/geometry/distance.js';
import { bitmaps } from './arbitrary_bitmap.js';

/** The slow way: every pixel against every other. */
function plainDistance(bitmap, col, row) {
  const own = isSet(bitmap, col, row);
  let least = REACH + 0.5;
  for (let dy = -8; dy <= 8; dy++) {
    for (let dx = -8; dx <= 8; dx++) {
      if (isSet(bitmap, col + dx, row + dy) !== own) least = Math.min(least, Math.hypot(dx, dy));
    }
  }
  return (own ? 1 : -1) * (least - 0.5);
}

test('distances are those to the nearest pixel of the other kind', () => {
  fc.assert(
    fc.property(bitmaps, (bitmap) => {
      const { w, h, data } = signedDistance(bitmap);
      expect([w, h]).toEqual([bitmap.w + 2 * MARGIN, bitmap.h + 2 * MARGIN]);
      for (let j = 0; j < h; j++) {
        for (let i = 0; i < w; i++) {
          const expected = plainDistance(bitmap, bitmap.x + i - MARGIN, bitmap.y + j - MARGIN);
          expect(data[j * w + i]).toBeCloseTo(expected, 4);
        }
      }
    }),
    { numRuns: 60 },
  );
});
