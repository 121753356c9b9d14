/** A reviewer sees first what is most likely to be wrong. */
import { expect, test } from 'vitest';
import { isReviewing, reviewOrder, verdictOn } from '../../src/store/review.js';
import { mask } from './masks.js';

const versions = { changed: 3 };
const versionOf = (id) => versions[id] ?? 1;
const order = (masks, verdicts = {}, disputed = []) =>
  reviewOrder(masks, { verdicts: new Map(Object.entries(verdicts)), disputed: new Set(disputed), versionOf }).map(({ id }) => id);

test('disputed, then changed, then what the model was unsure of, then line by line', () => {
  const masks = [
    mask({ id: 'low', bbox: [1, 90, 2, 2], score: 0.6 }),
    mask({ id: 'lower', bbox: [1, 91, 2, 2], score: 0.2 }),
    mask({ id: 'below', bbox: [0, 50, 2, 2] }),
    mask({ id: 'above', bbox: [9, 5, 2, 2] }),
    mask({ id: 'changed', bbox: [1, 95, 2, 2] }),
    mask({ id: 'talked about', bbox: [1, 99, 2, 2] }),
    mask({ id: 'drawn', bbox: [3, 5, 2, 2], origin: 'drawn', score: 0.1 }),
  ];
  expect(order(masks, { changed: { choice: 'accepted', version: 2 } }, ['talked about'])).toEqual([
    'talked about', 'changed', 'lower', 'low', 'drawn', 'above', 'below',
  ]);
});

test('a verdict holds for the nucleus as it was', () => {
  const verdicts = new Map([['changed', { choice: 'accepted', version: 2 }], ['same', { choice: 'returned', version: 1 }]]);
  expect(verdictOn(mask({ id: 'changed' }), verdicts, versionOf)).toBe(null);
  expect(verdictOn(mask({ id: 'same' }), verdicts, versionOf)).toBe('returned');
});

test('only its reviewer is reviewing an image', () => {
  const image = { status: 'in_review', reviewer: { id: 4, name: 'rev' } };
  expect(isReviewing({ image, user: { id: 4, name: 'rev' } })).toBe(true);
  expect(isReviewing({ image, user: { id: 5, name: 'ann' } })).toBe(false);
  expect(isReviewing({ image: { ...image, status: 'accepted' }, user: { id: 4, name: 'rev' } })).toBe(false);
});
