import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asRendered, isAsRendered, moved, rangeOf, suited, wishOf } from '../../src/appearance/channels.js';

const facts = fc
  .tuple(fc.integer({ min: 0, max: 40000 }), fc.integer({ min: 20, max: 25000 }), fc.double({ min: 0, max: 0.4, noNaN: true }))
  .map(([least, span, inset]) => ({
    name: '', least, most: least + span, black: least + inset * span, white: least + (1 - inset) * span,
  }));
const several = fc.array(facts, { minLength: 1, maxLength: 10 });

test('at first an image is shown as its rendition, which has three channels at most', () => {
  fc.assert(
    fc.property(several, (all) => {
      const shown = asRendered(all);
      expect(isAsRendered(shown, all)).toBe(true);
      expect(shown.filter(({ on }) => on)).toHaveLength(Math.min(3, all.length));
      expect(suited(undefined, all)).toEqual(shown);
    }),
  );
  const grey = [{ name: '', least: 0, most: 4095, black: 10, white: 4000 }];
  expect(asRendered(grey)[0].color).toBe('#ffffff');
});

test('black stays below white, wherever either is put', () => {
  fc.assert(
    fc.property(facts, fc.constantFrom('black', 'white'), fc.double({ min: -1e5, max: 1e5, noNaN: true }), (one, edge, value) => {
      const { least, most } = rangeOf(one);
      const next = moved(asRendered([one])[0], edge, Math.min(most, Math.max(least, value)), one);
      expect(next.black).toBeLessThan(next.white);
      expect(next.black).toBeGreaterThanOrEqual(least - 1e-9);
      expect(next.white).toBeLessThanOrEqual(most + 1e-9);
    }),
  );
});

test('the server is asked for the channels that are on, in numbers that it understands', () => {
  fc.assert(
    fc.property(several, (all) => {
      const wish = wishOf(asRendered(all));
      const part = /^\d+:-?\d+(\.\d+)?:-?\d+(\.\d+)?:[0-9a-f]{6}$/;
      for (const one of wish.split(',')) expect(one).toMatch(part);
    }),
  );
  expect(wishOf([
    { on: true, color: '#ff0000', black: 0, white: 10 },
    { on: false, color: '#00ff00', black: 0, white: 10 },
    { on: true, color: '#0000ff', black: 1e-9, white: 0.5 },
  ])).toBe('0:0:10:ff0000,2:0:0.5:0000ff');
});

test('what suited another image of the dataset is taken over, unless its channels are others', () => {
  const all = asRendered([1, 2].map((k) => ({ name: '', least: 0, most: 100 * k, black: 0, white: 90 })));
  const two = [1, 2].map(() => ({ name: '', least: 0, most: 500, black: 5, white: 400 }));
  expect(suited(all, two)).toEqual(all);
  expect(suited(all.slice(1), two)).toEqual(asRendered(two));
  expect(suited([{ ...all[0], color: 'red' }, all[1]], two)).toEqual(asRendered(two));
  expect(suited([{ ...all[0], black: 90 }, all[1]], two)).toEqual(asRendered(two));
});
