import { beforeEach, expect, test } from 'vitest';
import { conflictCopies, decideConflict, watchConflicts } from '../../src/store/conflicts.js';
import { createStore } from '../../src/store/store.js';
import { mask, openImage } from './masks.js';

let store, theirs, copy, told;
const now = () => [...store.annotations.masks.values()];

beforeEach(() => {
  store = createStore();
  openImage(store);
  told = [];
  watchConflicts(store.annotations, (copies) => (told = copies));
  theirs = mask({ label_class: 1, author: 2 });
  copy = mask({ label_class: 5, author: 1, conflict_with: theirs.id });
  store.annotations.load([theirs, copy, mask()], []);
});

test('copies are told as they come and go', () => {
  expect(told).toEqual([copy]);
  expect(conflictCopies(store.annotations)).toEqual([copy]);
  store.annotations.load([], []);
  expect(told).toEqual([]);
});

test('keeping the copy puts it in the place of the other', () => {
  decideConflict(store, copy, 'copy');
  expect(now()).toHaveLength(2);
  expect(store.annotations.masks.get(theirs.id)).toMatchObject({ bbox: copy.bbox, label_class: 5, author: 2 });
  expect(told).toEqual([]);
});

test('keeping the other lets the copy go', () => {
  decideConflict(store, copy, 'other');
  expect(now()[0]).toBe(theirs);
  expect(now()).toHaveLength(2);
});

test('keeping both makes the copy a nucleus like any other', () => {
  decideConflict(store, copy, 'both');
  expect(now()).toHaveLength(3);
  expect(told).toEqual([]);
});

test('when the other is gone, the copy stays', () => {
  store.annotations.load([copy], []);
  decideConflict(store, copy, 'copy');
  expect(now()).toMatchObject([{ id: copy.id, conflict_with: null }]);
});

test.each(['copy', 'other', 'both'])('a decision is one step to undo: %s', (keep) => {
  const before = JSON.stringify(now().map(({ id }) => id).sort());
  decideConflict(store, copy, keep);
  store.history.undo();
  expect(JSON.stringify(now().map(({ id }) => id).sort())).toBe(before);
  expect(told).toEqual([copy]);
});
