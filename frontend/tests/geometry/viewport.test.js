import fc from 'fast-check';
import { expect, test } from 'vitest';
import { centreOn, fit, keepInSight, pan, scaleBar, toImage, toScreen, visibleBox, zoomAt } from '../../src/geometry/viewport.js';

const sizes = fc.record({ width: fc.integer({ min: 1, max: 20000 }), height: fc.integer({ min: 1, max: 20000 }) });
const screens = fc.record({ width: fc.integer({ min: 200, max: 4000 }), height: fc.integer({ min: 200, max: 3000 }) });
const numbers = fc.double({ min: -5000, max: 5000, noNaN: true });
const points = fc.record({ x: numbers, y: numbers });
const viewports = fc.record({ scale: fc.double({ min: 0.01, max: 64, noNaN: true }), tx: numbers, ty: numbers });

test('screen and image coordinates are inverse', () => {
  fc.assert(
    fc.property(viewports, points, (viewport, point) => {
      const back = toImage(viewport, toScreen(viewport, point));
      expect(back.x).toBeCloseTo(point.x, 5);
      expect(back.y).toBeCloseTo(point.y, 5);
    }),
  );
});

test('a fitted image lies inside the screen, in its middle', () => {
  fc.assert(
    fc.property(sizes, screens, (image, screen) => {
      const viewport = fit(image, screen);
      const start = toScreen(viewport, { x: 0, y: 0 });
      const end = toScreen(viewport, { x: image.width, y: image.height });
      expect(start.x).toBeGreaterThanOrEqual(0);
      expect(start.y).toBeGreaterThanOrEqual(0);
      expect(start.x + end.x).toBeCloseTo(screen.width, 5);
      expect(start.y + end.y).toBeCloseTo(screen.height, 5);
    }),
  );
});

test('what is under the pointer stays there while zooming in on the image', () => {
  const image = { width: 1000, height: 800 };
  const screen = { width: 900, height: 700 };
  fc.assert(
    fc.property(fc.double({ min: 0.2, max: 0.8, noNaN: true }), fc.double({ min: 1, max: 8, noNaN: true }), (at, factor) => {
      const start = fit(image, screen);
      const anchor = { x: screen.width * at, y: screen.height * at };
      const zoomed = zoomAt(start, factor, anchor, image, screen);
      const [before, after] = [toImage(start, anchor), toImage(zoomed, anchor)];
      expect(after.x).toBeCloseTo(before.x, 6);
      expect(after.y).toBeCloseTo(before.y, 6);
    }),
  );
});

test('the image can never be lost from sight', () => {
  fc.assert(
    fc.property(sizes, screens, viewports, numbers, numbers, (image, screen, start, dx, dy) => {
      const viewport = pan(start, dx * 100, dy * 100, image, screen);
      const [x, y, w, h] = visibleBox(viewport, screen);
      expect(x).toBeLessThan(image.width);
      expect(y).toBeLessThan(image.height);
      expect(x + w).toBeGreaterThan(0);
      expect(y + h).toBeGreaterThan(0);
      const kept = keepInSight(viewport, image, screen);
      expect(kept.tx).toBeCloseTo(viewport.tx, 6);
      expect(kept.ty).toBeCloseTo(viewport.ty, 6);
    }),
  );
});

test('centring puts a point in the middle', () => {
  const screen = { width: 400, height: 300 };
  const viewport = centreOn({ scale: 3, tx: 0, ty: 0 }, { x: 12, y: 34 }, screen);
  expect(toScreen(viewport, { x: 12, y: 34 })).toEqual({ x: 200, y: 150 });
});

test('a scale bar has a round length that fits', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 500, noNaN: true }), (pixelsPerMicron) => {
      const { microns, pixels } = scaleBar(pixelsPerMicron, 120);
      expect(pixels).toBeLessThanOrEqual(120 * (1 + 1e-9));
      expect(pixels).toBeGreaterThan(120 / 2.6);
      expect([1, 2, 5]).toContain(Math.round(microns / 10 ** Math.floor(Math.log10(microns * (1 + 1e-9)))));
    }),
  );
});
