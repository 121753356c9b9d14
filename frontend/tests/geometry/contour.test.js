import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSet } from '../../src/geometry/bitmap.js';
import { smoothLoop, traceLoops } from '../../src/geometry/contour.js';
import { filledBitmaps, pixelsOf } from './arbitrary_bitmap.js';

/** @param {number[]} loop @returns {number} positive when clockwise on the screen */
function signedArea(loop) {
  let sum = 0;
  for (let k = 0; k < loop.length; k += 2) {
    const [nx, ny] = [loop[(k + 2) % loop.length], loop[(k + 3) % loop.length]];
    sum += loop[k] * ny - nx * loop[k + 1];
  }
  return sum / 2;
}

/** How often the loops wind around a point: the rule that a canvas fills by. */
function winding(loops, x, y) {
  let turns = 0;
  for (const loop of loops) {
    for (let k = 0; k < loop.length; k += 2) {
      const [x0, y0] = [loop[k], loop[k + 1]];
      const [x1, y1] = [loop[(k + 2) % loop.length], loop[(k + 3) % loop.length]];
      if (y0 <= y === y1 <= y) continue;
      if (x0 + ((y - y0) / (y1 - y0)) * (x1 - x0) > x) turns += y1 > y0 ? 1 : -1;
    }
  }
  return turns;
}

test('a single pixel is a clockwise square', () => {
  const loops = traceLoops({ x: 3, y: 4, w: 1, h: 1, data: Uint8Array.of(1) });
  expect(loops).toHaveLength(1);
  expect(signedArea(loops[0])).toBe(1);
  expect(loops[0]).toHaveLength(8);
});

test('a ring has an outer loop and one hole', () => {
  const data = Uint8Array.from('111101111', Number);
  const loops = traceLoops({ x: 0, y: 0, w: 3, h: 3, data });
  expect(loops.map(signedArea).sort((a, b) => a - b)).toEqual([-1, 9]);
});

test('pixels that touch only at a corner have loops of their own', () => {
  const data = Uint8Array.from('1001', Number);
  expect(traceLoops({ x: 0, y: 0, w: 2, h: 2, data })).toHaveLength(2);
});

test('loops enclose exactly the foreground', () => {
  fc.assert(
    fc.property(filledBitmaps, (bitmap) => {
      const loops = traceLoops(bitmap);
      const enclosed = loops.reduce((sum, loop) => sum + signedArea(loop), 0);
      expect(enclosed).toBe(pixelsOf(bitmap).size);
      for (let row = bitmap.y - 1; row <= bitmap.y + bitmap.h; row++) {
        for (let col = bitmap.x - 1; col <= bitmap.x + bitmap.w; col++) {
          expect(winding(loops, col + 0.5, row + 0.5)).toBe(isSet(bitmap, col, row) ? 1 : 0);
        }
      }
    }),
  );
});

test('smooth loops keep the centre of every pixel on its side', () => {
  fc.assert(
    fc.property(filledBitmaps, (bitmap) => {
      const loops = traceLoops(bitmap).map(smoothLoop);
      for (const pixel of pixelsOf(bitmap)) {
        const [col, row] = pixel.split(',').map(Number);
        // Off the exact centre, where a corner that was cut may run.
        expect(winding(loops, col + 0.501, row + 0.4993)).toBe(1);
      }
    }),
  );
});
