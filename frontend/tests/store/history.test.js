import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { patchMask } from '../../src/store/annotations.js';
import { createStore } from '../../src/store/store.js';
import { mask } from './masks.js';

let store;
beforeEach(() => (store = createStore()));

const edit = (...patches) => store.annotations.apply({ patches, origin: 'local', cause: 'edit' });
const snapshot = () => JSON.stringify([...store.annotations.masks].sort());

test('undo and redo walk through every state a person made', () => {
  const ids = ['a', 'b', 'c'];
  const steps = fc.array(fc.record({ id: fc.constantFrom(...ids), there: fc.boolean(), label: fc.nat(5) }));
  fc.assert(
    fc.property(steps, (edits) => {
      store = createStore();
      const states = [snapshot()];
      for (const { id, there, label } of edits) {
        const before = store.annotations.masks.get(id) ?? null;
        if (!before && !there) continue;
        edit(patchMask(before, there ? mask({ id, label_class: label }) : null));
        states.push(snapshot());
      }
      for (const state of [...states].reverse()) {
        expect(snapshot()).toBe(state);
        store.history.undo();
      }
      expect(store.history.canUndo).toBe(false);
      for (const state of states) {
        expect(snapshot()).toBe(state);
        store.history.redo();
      }
      expect(store.history.canRedo).toBe(false);
    }),
  );
});

test('a new edit forgets what was undone', () => {
  edit(patchMask(null, mask()));
  store.history.undo();
  edit(patchMask(null, mask()));
  expect(store.history.redo()).toBe(false);
});

test('what the server says is not undone', () => {
  store.annotations.apply({ patches: [patchMask(null, mask())], origin: 'remote', cause: 'edit' });
  expect(store.history.canUndo).toBe(false);
  expect(store.history.undo()).toBe(false);
  expect(store.annotations.masks.size).toBe(1);
});

test('several masks changed at once are one step', () => {
  edit(patchMask(null, mask()), patchMask(null, mask()), patchMask(null, mask()));
  store.history.undo();
  expect(store.annotations.masks.size).toBe(0);
});

test('undo leaves alone what somebody else has changed since, and joins what can be joined', () => {
  const [one, two] = [mask(), mask()];
  edit(patchMask(null, one), patchMask(null, two));
  const [longer, other] = [mask({ id: one.id }), mask({ id: two.id })];
  edit(patchMask(one, longer), patchMask(two, { ...two, label_class: 3 }));
  const remote = (before, after) => store.annotations.apply({ patches: [patchMask(before, after)], origin: 'remote', cause: 'edit' });
  remote(longer, { ...longer, label_class: 5 });
  const theirs = { ...other, label_class: 3 };
  remote(store.annotations.masks.get(two.id), theirs);

  store.history.undo();
  expect(store.annotations.masks.get(one.id)).toMatchObject({ bbox: one.bbox, label_class: 5 });
  expect(store.annotations.masks.get(two.id)).toMatchObject({ bbox: other.bbox, label_class: null });
  expect(store.history.skipped).toBe(0);
  store.history.undo();
  expect(store.annotations.masks.has(one.id)).toBe(true);
  expect(store.annotations.masks.has(two.id)).toBe(true);
  expect(store.history.skipped).toBe(2);
  expect(store.history.redo()).toBe(true);
  expect(store.history.skipped).toBe(0);
});
