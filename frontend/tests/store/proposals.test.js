import { beforeEach, expect, test } from 'vitest';
import { patchPending } from '../../src/store/annotations.js';
import { createStore } from '../../src/store/store.js';
import { openImage, square } from './masks.js';

let store;
let told;
beforeEach(() => {
  store = createStore();
  openImage(store);
  store.proposals.set('ready', 'p', [square(10, 10, 6), square(40, 10, 6)].map((shape) => ({ ...shape, score: 0.9 })));
  told = [];
  store.proposals.on((changed) => told.push(changed));
});

/** @param {object | null} shape of a pending mask; null: it thinks yet */
function ask(shape) {
  const pending = { id: 'a', promptId: 'q', clicks: [], status: shape ? 'ready' : 'thinking', shape };
  const before = store.annotations.pendings.get('a') ?? null;
  store.annotations.apply({ patches: [patchPending(before, pending)], origin: 'local', cause: 'edit' });
}

test('a click concerns the proposals that its mask covers, and none of the others', () => {
  ask(null);
  ask(square(70, 70, 6));
  expect(told).toEqual([]);
  ask(square(10, 10, 6));
  expect(told).toEqual([[0]]);
  expect(store.proposals.visible(0)).toHaveLength(1);
  ask(square(40, 10, 6));
  expect(told.at(-1)).toEqual([0, 1]);
});

test('a rejection, or other proposals, concern them all', () => {
  store.annotations.apply({
    patches: [{ kind: 'rejection', id: 'x', before: null, after: { id: 'x' } }], origin: 'local', cause: 'edit',
  });
  store.proposals.set('ready', 'q', []);
  expect(told).toEqual([null, null]);
});
