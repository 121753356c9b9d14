import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allInSight, frameIn, inImage, miniature } from '../../src/geometry/minimap.js';
import { centreOn, fit, toImage, zoomAt } from '../../src/geometry/viewport.js';

const size = fc.record({ width: fc.integer({ min: 20, max: 20000 }), height: fc.integer({ min: 20, max: 20000 }) });
const screen = fc.record({ width: fc.integer({ min: 200, max: 4000 }), height: fc.integer({ min: 200, max: 4000 }) });

test('the frame lies inside the map, however far away the view is', () => {
  const viewport = fc.record({
    scale: fc.double({ min: 0.01, max: 64, noNaN: true }),
    tx: fc.double({ min: -1e5, max: 1e5, noNaN: true }),
    ty: fc.double({ min: -1e5, max: 1e5, noNaN: true }),
  });
  fc.assert(
    fc.property(viewport, screen, size, (v, s, image) => {
      const mini = miniature(image, 160);
      const frame = frameIn(v, s, image, mini);
      expect(frame.left).toBeGreaterThanOrEqual(0);
      expect(frame.top).toBeGreaterThanOrEqual(0);
      expect(frame.left + frame.width).toBeLessThanOrEqual(mini.width + 1e-6);
      expect(frame.top + frame.height).toBeLessThanOrEqual(mini.height + 1e-6);
      expect(Math.min(frame.width, frame.height)).toBeGreaterThan(3.9);
    }),
  );
});

test('the fitted image is framed as a whole, and nothing of it is out of sight', () => {
  const image = { width: 800, height: 600 };
  const screen = { width: 1000, height: 700 };
  expect(allInSight(fit(image, screen), screen, image)).toBe(true);
  expect(allInSight(zoomAt(fit(image, screen), 1.2, { x: 500, y: 350 }, image, screen), screen, image)).toBe(false);
  const mini = miniature(image, 160);
  expect(mini).toEqual({ width: 160, height: 120 });
  expect(frameIn(fit(image, screen), screen, image, mini)).toEqual({
    left: 0, top: 0, width: 160, height: 120,
  });
});

test('what was clicked in the map becomes the middle of the view and of the frame', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.3, max: 0.7, noNaN: true }), fc.double({ min: 0.3, max: 0.7, noNaN: true }), (u, v) => {
      const image = { width: 4000, height: 3000 };
      const mini = miniature(image, 160);
      const at = { x: u * mini.width, y: v * mini.height };
      const view = centreOn({ scale: 1, tx: 0, ty: 0 }, inImage(at, image, mini), { width: 800, height: 600 });
      expect(toImage(view, { x: 400, y: 300 }).x).toBeCloseTo(u * 4000, 3);
      const frame = frameIn(view, { width: 800, height: 600 }, image, mini);
      expect(frame.left + frame.width / 2).toBeCloseTo(at.x, 3);
      expect(frame.top + frame.height / 2).toBeCloseTo(at.y, 3);
    }),
  );
});
