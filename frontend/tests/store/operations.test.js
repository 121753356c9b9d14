import { beforeEach, describe, expect, test } from 'vitest';
import { grow, shrink } from '../../src/geometry/morphology.js';
import { withoutHoles } from '../../src/geometry/regions.js';
import { encode } from '../../src/geometry/rle.js';
import { patchMask } from '../../src/store/annotations.js';
import { answer, askFor, deleteMasks, setClass } from '../../src/store/edits.js';
import { activePending, select, selectedMask, selectedMasks, toggleSelected } from '../../src/store/focus.js';
import { duplicate, merge, move, reshape } from '../../src/store/operations.js';
import { createStore } from '../../src/store/store.js';
import { mask, openImage, square } from './masks.js';

let store;
beforeEach(() => {
  store = createStore();
  openImage(store);
});
const masks = () => [...store.annotations.masks.values()];
function add(...rows) {
  const made = rows.map((fields) => mask(fields));
  const patches = made.map((row) => patchMask(null, row));
  store.annotations.apply({ patches, origin: 'remote', cause: 'edit' });
  select(store, made.map(({ id }) => id));
  return made;
}
/** Undo brings back everything that was there, in one step. */
function undoes(before) {
  store.history.undo();
  expect(masks()).toEqual(expect.arrayContaining(before));
  expect(masks()).toHaveLength(before.length);
  expect(store.history.canUndo).toBe(false);
}

describe('the selection', () => {
  test('one of several is added and removed; the last one left is the focused one', () => {
    const [a, b] = add(square(0, 0, 4), square(10, 0, 4));
    expect(selectedMask(store)).toBeNull();
    toggleSelected(store, [a.id]);
    expect(selectedMask(store)).toBe(b);
    toggleSelected(store, [a.id]);
    expect(selectedMasks(store)).toEqual([b, a]);
  });

  test('what is deleted elsewhere is no longer selected', () => {
    const [a, b] = add(square(0, 0, 4), square(10, 0, 4));
    store.annotations.apply({ patches: [patchMask(a, null)], origin: 'remote', cause: 'edit' });
    expect(selectedMasks(store)).toEqual([b]);
  });

  test('goes before the pending masks: Delete is about it', () => {
    askFor(store, { x: 50, y: 50 });
    add(square(0, 0, 4), square(10, 0, 4));
    expect(activePending(store)).toBeNull();
    select(store, []);
    expect(activePending(store)).not.toBeNull();
  });

  test('a class, and the bin, are for all of it, in one step', () => {
    const before = add(square(0, 0, 4), square(10, 0, 4));
    setClass(store, 5);
    expect(masks().map((row) => row.label_class)).toEqual([5, 5]);
    undoes(before);
    deleteMasks(store, selectedMasks(store));
    expect(masks()).toEqual([]);
    undoes(before);
  });
});

test('merging keeps the first mask, its author and class, and all pixels', () => {
  const before = add({ ...square(0, 0, 4), label_class: null, author: 3 }, { ...square(4, 0, 4), label_class: 2, author: 9 });
  expect(merge(store)).toEqual({ of: 2, parts: 1 });
  expect(masks()).toMatchObject([
    { id: before[0].id, bbox: [0, 0, 8, 4], area: 32, origin: 'fixed', label_class: 2, author: 3 },
  ]);
  expect(selectedMask(store)?.id).toBe(before[0].id);
  undoes(before);
});

test('merging tells how many parts do not touch, and does nothing with one mask', () => {
  add(square(0, 0, 4), square(14, 0, 4));
  expect(merge(store).parts).toBe(2);
  expect(merge(store)).toEqual({ of: 1, parts: 0 });
});

test('an operation changes all selected in one step and leaves alone what would vanish', () => {
  const before = add(square(10, 10, 5), square(30, 10, 2));
  expect(reshape(store, shrink)).toEqual({ of: 2, changed: 1, lost: 1 });
  expect(masks().map((row) => row.area)).toEqual([9, 4]);
  expect(masks()[0].origin).toBe('fixed');
  undoes(before);
});

test('an operation that changes nothing is no step', () => {
  add(square(10, 10, 5));
  expect(reshape(store, withoutHoles)).toEqual({ of: 1, changed: 0, lost: 0 });
  expect(store.history.canUndo).toBe(false);
});

test('without a selection the pending mask is meant', () => {
  askFor(store, { x: 12, y: 12 });
  const { promptId } = activePending(store);
  answer(store, promptId, { shape: square(10, 10, 4), score: 0.9, error: '' }, true);
  reshape(store, grow);
  expect(activePending(store)).toMatchObject({ edited: true, shape: { area: 32 } });
});

test('a move stops at the image’s border, and keeps every pixel and the distances', () => {
  const before = add(square(2, 10, 4), square(12, 20, 4));
  move(store, -10, 3);
  expect(masks().map((row) => row.bbox)).toEqual([[0, 13, 4, 4], [10, 23, 4, 4]]);
  expect(move(store, -1, 0)).toBe(false);
  undoes(before);
});

test('a copy lies beside, is one’s own and is selected', () => {
  const [original] = add({ ...square(195, 10, 4), author: 9, prediction: 'p', label_class: 2 });
  expect(duplicate(store)).toBe(1);
  const [, copy] = masks();
  expect(copy).toMatchObject({ bbox: [189, 10, 4, 4], origin: 'drawn', author: 1, prediction: null, label_class: 2 });
  expect(selectedMask(store)).toBe(copy);
  undoes([original]);
});

test('shapes with holes are filled', () => {
  const data = new Uint8Array(25).fill(1);
  data[12] = 0;
  add(encode({ x: 5, y: 5, w: 5, h: 5, data }));
  expect(reshape(store, withoutHoles).changed).toBe(1);
  expect(masks()[0].area).toBe(25);
});
