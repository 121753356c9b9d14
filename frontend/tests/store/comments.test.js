import { expect, test } from 'vitest';
import { classKeys } from '../../src/store/class_keys.js';
import { placeOf, threadsOf } from '../../src/store/comments.js';
import { mask } from './masks.js';

const comment = (id, more = {}) => ({ id, thread: null, mask: null, x: null, y: null, resolved: false, text: id, ...more });

test('answers stand in their thread, and what is settled comes last', () => {
  const rows = [comment('a', { resolved: true }), comment('b'), comment('c', { thread: 'b' }), comment('d', { thread: 'a' })];
  const threads = threadsOf(rows).map(({ first, answers }) => [first.id, ...answers.map(({ id }) => id)]);
  expect(threads).toEqual([['b', 'c'], ['a', 'd']]);
});

test('a thread follows its nucleus, and stays where that was', () => {
  const about = comment('a', { mask: 'n', x: 5, y: 6 });
  expect(placeOf(about, new Map([['n', mask({ id: 'n', bbox: [10, 20, 4, 8] })]]))).toEqual({ x: 12, y: 24 });
  expect(placeOf(about, new Map())).toEqual({ x: 5, y: 6 });
  expect(placeOf(comment('b'), new Map())).toBe(null);
});

test('classes have keys of their own, the others the free ones', () => {
  const classes = [{ id: 1 }, { id: 2, hotkey: '1' }, { id: 3, hotkey: '' }, { id: 4, hotkey: '9' }];
  expect([...classKeys(/** @type {any} */ (classes))].map(([key, { id }]) => [key, id]).toSorted()).toEqual([['1', 2], ['2', 1], ['3', 3], ['9', 4]]);
});
