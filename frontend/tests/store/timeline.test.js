import { expect, test } from 'vitest';
import { restoreVersion } from '../../src/store/restoring.js';
import { createStore } from '../../src/store/store.js';
import { grouped } from '../../src/store/timeline.js';
import { mask, openImage, square } from './masks.js';

const ADA = { id: 1, name: 'Ada' };
const BEN = { id: 2, name: 'Ben' };
let last = 100;

/** Each a minute before the one that was made before it. */
function event(fields = {}) {
  last -= 1;
  const at = new Date(Date.UTC(2026, 0, 1, 12, last)).toISOString();
  return { id: last, kind: 'mask.created', at, actor: ADA, mask: `m${last}`, prediction: null, batch: null, data: { origin: 'drawn' }, ...fields };
}

const sizes = (events) => grouped(events).map(({ events: each }) => each.length);

test('what one person did in one go is one group', () => {
  expect(sizes([event(), event(), event({ actor: BEN }), event()])).toEqual([2, 1, 1]);
  expect(sizes([event(), event({ kind: 'mask.deleted' }), event({ data: { origin: 'accepted' } })])).toEqual([1, 1, 1]);
});

test('a long pause begins another group, and what stands for many stands alone', () => {
  const [early, late] = [event({ at: '2026-01-01T08:00:00Z' }), event({ at: '2026-01-01T09:00:00Z' })];
  expect(sizes([late, early])).toEqual([1, 1]);
  expect(sizes([event({ kind: 'masks.imported' }), event({ kind: 'masks.imported' })])).toEqual([1, 1]);
});

function restorable() {
  const store = createStore();
  openImage(store);
  store.session.set({ classes: [{ id: 5, name: 'A', color: '#000000', position: 0 }] });
  const before = mask({ id: 'm', label_class: 5, author: 2, origin: 'fixed' });
  store.annotations.load([before], []);
  const shape = square(3, 3, 5);
  return { store, before, shape, told: event({ mask: 'm', data: { ...shape, label_class: 5, origin: 'drawn', score: null, author: 2 } }) };
}

test('a version comes back as it was told, and undo takes that back', () => {
  const { store, before, shape, told } = restorable();
  expect(restoreVersion(store, told)).toBe(true);
  expect(store.annotations.masks.get('m')).toMatchObject({ ...shape, origin: 'drawn', author: 2, restores: told.id });
  store.history.undo();
  expect(store.annotations.masks.get('m')).toEqual(before);
});

test('a deleted nucleus comes back, without a class that is gone', () => {
  const { store, told } = restorable();
  store.annotations.load([], []);
  told.data.label_class = 9;
  expect(restoreVersion(store, told)).toBe(true);
  expect(store.annotations.masks.get('m')).toMatchObject({ label_class: null, author: 2 });
});

test('a deletion tells of no version', () => {
  const { store } = restorable();
  expect(restoreVersion(store, event({ kind: 'mask.deleted', mask: 'm', data: { version: 2 } }))).toBe(false);
});
