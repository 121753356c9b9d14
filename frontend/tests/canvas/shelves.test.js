import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createShelves } from '../../src/canvas/gl/shelves.js';

const SIDE = 64;
const size = fc.record({ w: fc.integer({ min: 1, max: 30 }), h: fc.integer({ min: 1, max: 30 }) });
const step = fc.record({ size, giveBack: fc.option(fc.nat(20)) });

const apart = (a, b) =>
  a.page !== b.page || a.u + a.w <= b.u || b.u + b.w <= a.u || a.v + a.h <= b.v || b.v + b.h <= a.v;

test('places lie on their page and never on each other, whatever is given back between', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const shelves = createShelves(SIDE);
      const taken = [];
      for (const { size: { w, h }, giveBack } of steps) {
        if (giveBack !== null && taken[giveBack]) shelves.give(taken.splice(giveBack, 1)[0]);
        const place = shelves.take(w, h);
        expect(place.w >= w && place.h >= h).toBe(true);
        expect(place.u + place.w <= SIDE && place.v + place.h <= SIDE).toBe(true);
        expect(taken.every((other) => apart(place, other))).toBe(true);
        taken.push(place);
      }
    }),
  );
});

test('a mask that is changed again and again takes no more room', () => {
  const shelves = createShelves(SIDE);
  for (let k = 0; k < 1000; k++) shelves.give(shelves.take(20 + (k % 4), 20));
  expect(shelves.pages).toBe(1);
});
