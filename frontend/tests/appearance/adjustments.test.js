import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  AS_STORED, GAMMA, adjustPixels, bent, curveOf, fromKept, isAsStored, suitedTo,
} from '../../src/appearance/adjustments.js';

const signed = fc.double({ min: -1, max: 1, noNaN: true });
const anyCurve = fc.record({
  brightness: signed,
  contrast: signed,
  gamma: fc.double({ min: GAMMA.least, max: GAMMA.most, noNaN: true }),
});
const level = fc.double({ min: 0, max: 1, noNaN: true });
const pixels = fc.uint8Array({ minLength: 4, maxLength: 64 }).map((a) => new Uint8ClampedArray(a.slice(0, a.length - (a.length % 4))));

test('brighter stays brighter, within the range', () => {
  fc.assert(
    fc.property(anyCurve, level, level, (how, a, b) => {
      const curve = curveOf(how);
      const [low, high] = [bent(Math.min(a, b), curve), bent(Math.max(a, b), curve)];
      expect(low).toBeLessThanOrEqual(high);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
    }),
  );
});

test('contrast turns around the middle, brightness lifts, gamma keeps black and white', () => {
  const line = { ...AS_STORED };
  expect(bent(0.5, curveOf({ ...line, contrast: 0.7 }))).toBeCloseTo(0.5, 9);
  expect(bent(0.6, curveOf({ ...line, contrast: 0.7 }))).toBeGreaterThan(0.7);
  expect(bent(0.5, curveOf({ ...line, brightness: 0.2 }))).toBeCloseTo(0.7, 9);
  const curve = curveOf({ ...line, gamma: 2 });
  expect([0, 0.25, 1].map((v) => bent(v, curve))).toEqual([0, 0.5, 1]);
});

test('as stored is as stored, to the last bit', () => {
  fc.assert(
    fc.property(pixels, (data) => {
      const before = [...data];
      adjustPixels(data, AS_STORED);
      expect([...data]).toEqual(before);
    }),
  );
  expect(isAsStored(AS_STORED)).toBe(true);
});

test('transparency is nobody’s business, and a channel that is off is black', () => {
  fc.assert(
    fc.property(pixels, anyCurve, fc.constantFrom('all', 'haematoxylin', 'eosin'), (data, curve, stain) => {
      const alpha = data.filter((_, k) => k % 4 === 3);
      adjustPixels(data, { ...curve, stain, primaries: [true, false, true] });
      expect(data.filter((_, k) => k % 4 === 3)).toEqual(alpha);
      expect(data.filter((_, k) => k % 4 === 1).every((v) => v === 0)).toBe(true);
    }),
  );
});

test('a grey image is never taken apart into stains', () => {
  const how = { ...AS_STORED, gamma: 2, stain: /** @type {const} */ ('eosin') };
  expect(suitedTo(how, 3)).toEqual(how);
  expect(suitedTo(how, 1)).toEqual({ ...AS_STORED, gamma: 2 });
});

test('what a browser kept is taken up again, and what makes no sense is not', () => {
  fc.assert(
    fc.property(anyCurve, (curve) => {
      const how = { ...AS_STORED, ...curve };
      const kept = JSON.parse(JSON.stringify(how));
      expect(fromKept(kept)).toEqual(kept);
    }),
  );
  fc.assert(fc.property(fc.dictionary(fc.constantFrom(...Object.keys(AS_STORED)), fc.jsonValue()), (kept) => {
    const how = fromKept(kept);
    expect(how.gamma).toBeGreaterThan(0);
    expect(how.primaries).toHaveLength(3);
  }));
  expect(fromKept({})).toEqual(AS_STORED);
});
