import fc from 'fast-check';
import { expect, test } from 'vitest';
import { area } from '../../src/geometry/bitmap.js';
import { cut } from '../../src/geometry/knife.js';
import { rasterise } from '../../src/geometry/stroke.js';
import { filledBitmaps, pixelsOf } from './arbitrary_bitmap.js';

const disk = rasterise([{ x: 30.5, y: 30.5 }], 12, 60, 60);
const point = fc.record({ x: fc.double({ min: 0, max: 60, noNaN: true }), y: fc.double({ min: 0, max: 60, noNaN: true }) });
const onTheGrid = fc.record({ x: fc.integer({ min: 0, max: 120 }), y: fc.integer({ min: 0, max: 120 }) }).map(({ x, y }) => ({ x: x / 2, y: y / 2 }));
const paths = fc.array(fc.oneof(point, onTheGrid), { minLength: 2, maxLength: 8 });

test('the parts are the whole: no pixel is lost, none is in two', () => {
  fc.assert(
    fc.property(fc.oneof(filledBitmaps, fc.constant(disk)), paths, (mask, path) => {
      const parts = cut(mask, path);
      if (!parts) return;
      expect(parts.length).toBeGreaterThan(1);
      expect(parts.reduce((sum, part) => sum + area(part), 0)).toBe(area(mask));
      expect(new Set(parts.flatMap((part) => [...pixelsOf(part)]))).toEqual(pixelsOf(mask));
      expect(area(parts.at(-1))).toBeGreaterThanOrEqual(4);
    }),
    { numRuns: 300 },
  );
});

test('a crumb of a column stays with the part beside it', () => {
  const column = { x: 29, y: 3, w: 1, h: 17, data: Uint8Array.from([0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]) };
  const parts = cut(column, [{ x: 29.5, y: 12.5 }, { x: 0, y: 0 }, { x: 0, y: 0 }]);
  expect((parts ?? [column]).reduce((sum, part) => sum + area(part), 0)).toBe(area(column));
});

test('a straight cut through a disk parts its two sides', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: Math.PI, noNaN: true }), fc.double({ min: -8, max: 8, noNaN: true }), (angle, off) => {
      const [nx, ny] = [Math.cos(angle), Math.sin(angle)];
      const centre = { x: 30.5 + off * nx, y: 30.5 + off * ny };
      const path = [-25, 25].map((t) => ({ x: centre.x - t * ny, y: centre.y + t * nx }));
      const parts = cut(disk, path);
      expect(parts).toHaveLength(2);
      const sides = parts.map((part) => [...pixelsOf(part)].map((pixel) => {
        const [x, y] = pixel.split(',').map((value) => Number(value) + 0.5);
        return (x - centre.x) * nx + (y - centre.y) * ny;
      }));
      const [one, other] = sides[0][0] < sides[1][0] ? sides : sides.toReversed();
      // Crumbs of up to three pixels stay with the part beside them.
      expect(one.filter((side) => side > 1e-3).length + other.filter((side) => side < -1e-3).length).toBeLessThan(7);
    }),
  );
});

test('a stroke that does not come out on the other side cuts nothing', () => {
  expect(cut(disk, [{ x: 10, y: 30 }, { x: 35, y: 30 }])).toBeNull();
  expect(cut(disk, [{ x: 25, y: 30 }, { x: 35, y: 30 }])).toBeNull();
  expect(cut(disk, [{ x: 1, y: 1 }, { x: 59, y: 1 }])).toBeNull();
});

test('a stroke there and back across makes three', () => {
  const parts = cut(disk, [{ x: 5, y: 25 }, { x: 55, y: 26 }, { x: 55, y: 35 }, { x: 5, y: 36 }]);
  expect(parts).toHaveLength(3);
});

test('a closed loop inside cuts out an island', () => {
  const loop = [[25, 25], [36, 25], [36, 36], [25, 36], [25, 24]].map(([x, y]) => ({ x, y }));
  const parts = cut(disk, loop);
  expect(parts).toHaveLength(2);
  expect(area(parts[1])).toBe(121);
});

test('a piece of the mask that the knife did not touch stays with the part nearest to it', () => {
  const data = Uint8Array.from('11111111011'.repeat(6), Number);
  const parts = cut({ x: 0, y: 0, w: 11, h: 6, data }, [{ x: 5, y: -1 }, { x: 5, y: 7 }]);
  expect(parts.map(area)).toEqual([30, 30]);
  expect(parts.map((part) => part.x + part.w).sort()).toEqual([11, 5]);
});
