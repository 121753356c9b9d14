import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addCorner, cornerNear, edgeNear, moveCorner, outlineOf, removeCorner, ringsOf } from '../../src/geometry/outline.js';
import { fillRings } from '../../src/geometry/polygon.js';
import { rasterise } from '../../src/geometry/stroke.js';
import { filledBitmaps, pixelsOf } from './arbitrary_bitmap.js';

const SIDE = 60;
const disk = (x, y, radius) => rasterise([{ x, y }], radius, SIDE, SIDE);
const pixels = (outline) => {
  const bitmap = fillRings(ringsOf(outline), SIDE, SIDE);
  return bitmap ? pixelsOf(bitmap) : new Set();
};
const blobs = fc
  .array(fc.record({ x: fc.integer({ min: 15, max: 45 }), y: fc.integer({ min: 15, max: 45 }) }), { minLength: 1, maxLength: 4 })
  .map((points) => rasterise(points, 7, SIDE, SIDE));
const place = (outline, ring, corner) => ({ ring: ring % outline.length, corner: corner % outline[ring % outline.length].corners.length });
const point = fc.record({ x: fc.double({ min: 0, max: 60, noNaN: true }), y: fc.double({ min: 0, max: 60, noNaN: true }) });

test('an outline whose corners nobody moved is the mask to the pixel', () => {
  fc.assert(
    fc.property(filledBitmaps, (bitmap) => {
      expect(pixels(outlineOf(bitmap))).toEqual(pixelsOf(bitmap));
    }),
  );
});

test('a corner moved to where it is changes nothing, and there and back neither', () => {
  fc.assert(
    fc.property(blobs, fc.nat(9), fc.nat(30), point, (bitmap, ring, corner, away) => {
      const outline = outlineOf(bitmap);
      const at = place(outline, ring, corner);
      const { points, corners } = outline[at.ring];
      const home = { x: points[2 * corners[at.corner]], y: points[2 * corners[at.corner] + 1] };
      expect(pixels(moveCorner(outline, at, home))).toEqual(pixelsOf(bitmap));
      expect(moveCorner(outline, at, away)[at.ring].corners).toEqual(corners);
    }),
  );
});

test('moving a corner changes pixels only between its neighbours', () => {
  fc.assert(
    fc.property(blobs, fc.nat(30), point, (bitmap, corner, to) => {
      const outline = outlineOf(bitmap);
      const at = place(outline, 0, corner);
      const moved = moveCorner(outline, at, to);
      const { points, corners } = outline[0];
      const count = points.length / 2;
      const begin = corners[(at.corner + corners.length - 1) % corners.length];
      const end = corners[(at.corner + 1) % corners.length];
      const touched = [];
      for (let k = begin; ; k = (k + 1) % count) {
        touched.push([points[2 * k], points[2 * k + 1]], [moved[0].points[2 * k], moved[0].points[2 * k + 1]]);
        if (k === end) break;
      }
      const [xs, ys] = [touched.map(([x]) => x), touched.map(([, y]) => y)];
      const [before, after] = [pixelsOf(bitmap), pixels(moved)];
      for (const pixel of new Set([...before, ...after])) {
        if (before.has(pixel) === after.has(pixel)) continue;
        const [x, y] = pixel.split(',').map((value) => Number(value) + 0.5);
        expect(x >= Math.min(...xs) && x <= Math.max(...xs) && y >= Math.min(...ys) && y <= Math.max(...ys)).toBe(true);
      }
    }),
  );
});

test('a new corner changes no pixel and can be taken hold of', () => {
  fc.assert(
    fc.property(blobs, point, (bitmap, near) => {
      const outline = outlineOf(bitmap);
      const edge = edgeNear(outline, near, Infinity);
      const { outline: added, place: at } = addCorner(outline, edge);
      expect(added[at.ring].corners).toHaveLength(outline[at.ring].corners.length + 1);
      expect(pixels(added)).toEqual(pixelsOf(bitmap));
      expect(Math.hypot(edge.x - near.x, edge.y - near.y)).toBeLessThan(90);
      expect(cornerNear(added, edge, 1)).not.toBeNull();
    }),
  );
});

test('without a corner its neighbours are joined by a straight line', () => {
  const square = outlineOf({ x: 10, y: 10, w: 20, h: 20, data: new Uint8Array(400).fill(1) });
  expect(square).toMatchObject([{ corners: [0, 1, 2, 3] }]);
  const triangle = removeCorner(square, cornerNear(square, { x: 30, y: 11 }, 3));
  const left = pixels(triangle);
  expect(left.has('12,16')).toBe(true);
  expect(left.has('12,28')).toBe(true);
  expect(left.has('28,12')).toBe(false);
  expect(removeCorner(triangle, { ring: 0, corner: 0 })).toBeNull();
});

test('a nucleus has a few corners, not one for every step', () => {
  const [{ points, corners }] = outlineOf(disk(30, 30, 15));
  expect(points.length / 2).toBeGreaterThan(50);
  expect(corners.length).toBeGreaterThan(5);
  expect(corners.length).toBeLessThan(20);
});

test('only what lies within reach is found', () => {
  const outline = outlineOf(disk(30, 30, 10));
  expect(cornerNear(outline, { x: 30, y: 30 }, 5)).toBeNull();
  expect(edgeNear(outline, { x: 30, y: 30 }, 5)).toBeNull();
  expect(edgeNear(outline, { x: 30, y: 19 }, 2)).not.toBeNull();
});
