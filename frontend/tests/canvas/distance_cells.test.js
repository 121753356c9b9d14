import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LARGEST, ZERO, cellsOf } from '../../src/canvas/gl/distance_cells.js';
import { area } from '../../src/geometry/bitmap.js';
import { MARGIN } from '../../src/geometry/distance.js';
import { filledBitmaps, pixelsOf } from '../geometry/arbitrary_bitmap.js';

/** What the shader calls inside, in image pixels. */
function insideOf(cells) {
  const pixels = [];
  for (const { x, y, w, h, data } of cells) {
    for (let j = 0; j < h; j++) {
      for (let i = 0; i < w; i++) {
        const value = data[(j + MARGIN) * (w + 2 * MARGIN) + i + MARGIN];
        if (value > ZERO) pixels.push(`${x + i},${y + j}`);
      }
    }
  }
  return pixels;
}

test('what is drawn are exactly the pixels of the mask', () => {
  fc.assert(
    fc.property(filledBitmaps, (bitmap) => {
      expect(insideOf(cellsOf(bitmap)).sort()).toEqual([...pixelsOf(bitmap)].sort());
    }),
  );
});

test('a mask too large for one cell is cut into parts that add up to it, each pixel once', () => {
  const [w, h] = [LARGEST * 2 + 30, LARGEST + 5];
  const data = Uint8Array.from({ length: w * h }, (_, k) => ((k % w) * 7 + Math.floor(k / w) * 3) % 11 < 6 ? 1 : 0);
  const bitmap = { x: 40, y: 60, w, h, data };
  const cells = cellsOf(bitmap);
  expect(cells).toHaveLength(6);
  const pixels = insideOf(cells);
  expect(pixels).toHaveLength(area(bitmap));
  expect(new Set(pixels).size).toBe(pixels.length);
});

test('parts know on which sides the mask ends, and what lies beyond the others', () => {
  const w = LARGEST + 10;
  const [left, right] = cellsOf({ x: 0, y: 0, w, h: 20, data: new Uint8Array(w * 20).fill(1) });
  expect([left.edges, right.edges]).toEqual([1 | 2 | 8, 2 | 4 | 8]);
  const row = (MARGIN + 10) * (LARGEST + 2 * MARGIN);
  expect(left.data[row + LARGEST + 2 * MARGIN - 1]).toBeGreaterThan(ZERO);
  expect(left.data[row]).toBeLessThan(ZERO);
});
