import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GRID_FROM_SCALE, pixelGrid } from '../../src/geometry/pixel_grid.js';
import { toImage } from '../../src/geometry/viewport.js';

const screen = { width: 900, height: 600 };
const image = { width: 500, height: 400 };
const viewport = fc.record({
  scale: fc.double({ min: GRID_FROM_SCALE, max: 64, noNaN: true }),
  tx: fc.double({ min: -30000, max: 900, noNaN: true }),
  ty: fc.double({ min: -30000, max: 600, noNaN: true }),
});

test('lines lie on the borders of pixels, all of those in sight and no others', () => {
  fc.assert(
    fc.property(viewport, (v) => {
      const grid = pixelGrid(v, image, screen);
      if (!grid) return;
      const columns = grid.xs.map((x) => toImage(v, { x, y: 0 }).x);
      for (const column of columns) expect(column).toBeCloseTo(Math.round(column), 6);
      for (const [k, x] of grid.xs.entries()) if (k) expect(x - grid.xs[k - 1]).toBeCloseTo(v.scale, 6);
      const all = [...Array(image.width + 1).keys()].map((c) => v.tx + c * v.scale);
      const surely = all.filter((x) => x > 1e-6 && x < screen.width - 1e-6);
      const perhaps = all.filter((x) => x > -1e-6 && x < screen.width + 1e-6);
      expect(grid.xs.length).toBeGreaterThanOrEqual(surely.length);
      expect(grid.xs.length).toBeLessThanOrEqual(perhaps.length);
      expect(grid.left).toBeGreaterThanOrEqual(0);
      expect(grid.bottom).toBeLessThanOrEqual(screen.height);
    }),
  );
});

test('there is none from afar, and none where there is no image', () => {
  expect(pixelGrid({ scale: GRID_FROM_SCALE - 0.1, tx: 0, ty: 0 }, image, screen)).toBeNull();
  expect(pixelGrid({ scale: 20, tx: 901, ty: 0 }, image, screen)).toBeNull();
});
