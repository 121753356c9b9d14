import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoxIndex } from '../../src/geometry/box_index.js';

const box = fc
  .tuple(fc.nat(300), fc.nat(300), fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 200 }))
  .map((sides) => /** @type {import('../../src/geometry/bitmap.js').Box} */ (sides));
const view = fc
  .tuple(fc.integer({ min: -100, max: 400 }), fc.integer({ min: -100, max: 400 }), fc.nat(500), fc.nat(500))
  .map((sides) => /** @type {import('../../src/geometry/bitmap.js').Box} */ (sides));
const step = fc.record({ key: fc.nat(12), bbox: fc.option(box) });

const meet = (a, b) =>
  a[0] <= b[0] + b[2] && b[0] <= a[0] + a[2] && a[1] <= b[1] + b[3] && b[1] <= a[1] + a[3];

test('after any changes a search finds exactly the rows that meet the box', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), view, (steps, wanted) => {
      const index = new BoxIndex();
      const plain = new Map();
      for (const { key, bbox } of steps) {
        if (bbox) {
          index.set(key, { bbox, key });
          plain.set(key, { bbox, key });
        } else {
          index.delete(key);
          plain.delete(key);
        }
      }
      const expected = [...plain.values()].filter((row) => meet(row.bbox, wanted)).map((row) => row.key);
      expect(index.search(wanted).map((row) => row.key).sort()).toEqual(expected.sort());
      expect(index.size).toBe(plain.size);
    }),
  );
});

test('rows are found in the order in which they came, and a changed one keeps its place', () => {
  const index = new BoxIndex();
  index.set('a', { bbox: [0, 0, 300, 300], key: 'a' });
  index.set('b', { bbox: [5, 5, 1, 1], key: 'b' });
  index.set('c', { bbox: [5, 5, 40, 40], key: 'c' });
  index.set('a', { bbox: [5, 5, 2, 2], key: 'a' });
  expect(index.search([5, 5, 0, 0]).map((row) => row.key)).toEqual(['a', 'b', 'c']);
});
