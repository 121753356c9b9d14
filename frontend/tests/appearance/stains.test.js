import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alone, separation } from '../../src/appearance/stains.js';

const amount = fc.double({ min: 0, max: 1.2, noNaN: true });
const stain = fc.constantFrom('haematoxylin', 'eosin');

/** What a section lets through that took up so much of each stain. */
const stained = (h, e) => {
  const [H, E] = [separation('haematoxylin').absorbs, separation('eosin').absorbs];
  return H.map((a, c) => Math.exp(-h * a - e * E[c]));
};

test('of a section with both stains, each alone is as if the other had never been there', () => {
  fc.assert(
    fc.property(amount, amount, (h, e) => {
      const both = stained(h, e);
      alone(both, separation('haematoxylin')).forEach((v, c) => expect(v).toBeCloseTo(stained(h, 0)[c], 6));
      alone(both, separation('eosin')).forEach((v, c) => expect(v).toBeCloseTo(stained(0, e)[c], 6));
    }),
  );
});

test('glass stays white, and no colour leaves the range', () => {
  const channel = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(channel, channel, channel), stain, (rgb, one) => {
      for (const v of alone(rgb, separation(one))) {
        expect(v).toBeGreaterThanOrEqual(0);
        expect(v).toBeLessThanOrEqual(1);
      }
    }),
  );
  expect(alone([1, 1, 1], separation('eosin'))).toEqual([1, 1, 1]);
});

test('a stain absorbs as published', () => {
  const [red, green, blue] = separation('haematoxylin').absorbs;
  expect(red / green).toBeCloseTo(0.65 / 0.704, 6);
  expect(red ** 2 + green ** 2 + blue ** 2).toBeCloseTo(1, 9);
});
