import { beforeEach, expect, test, vi } from 'vitest';
import { patchMask, patchPending } from '../../src/store/annotations.js';
import { createStore } from '../../src/store/store.js';
import { createCommands } from '../../src/tools/commands.js';
import { mask, openImage } from '../store/masks.js';

let store, say, commands;

beforeEach(() => {
  store = createStore();
  openImage(store);
  say = vi.fn();
  commands = createCommands(/** @type {any} */ ({ store, say }), /** @type {any} */ ({}), /** @type {any} */ ({}), () => /** @type {any} */ ({}));
});

test('a step of an earlier visit waits for its masks', () => {
  const before = mask({ label_class: 1 });
  const after = { ...before, label_class: 2 };
  store.history.clear({ done: [[patchMask(before, after)]], undone: [] });
  store.session.set({ arriving: { total: 900, waiting: [[0, 0, 10, 10]], underWay: [] } });
  commands.undo();
  expect(say).toHaveBeenCalledWith(expect.stringContaining('still loading'));
  expect(store.history.canUndo).toBe(true);

  store.annotations.apply({ patches: [patchMask(null, after)], origin: 'remote', cause: 'edit' });
  commands.undo();
  expect(store.annotations.masks.get(before.id)).toEqual(before);
  commands.redo();
  expect(store.annotations.masks.get(before.id)).toEqual(after);
});

test('what was drawn while others are still loading can be undone at once', () => {
  store.session.set({ arriving: { total: 900, waiting: [[0, 0, 10, 10]], underWay: [] } });
  const drawn = mask();
  store.annotations.apply({ patches: [patchMask(null, drawn)], origin: 'local', cause: 'edit' });
  commands.undo();
  expect(store.annotations.masks.size).toBe(0);
});

test('undo in the middle of a drag takes the drag back, not the step before it', () => {
  const tool = { cancel: vi.fn() };
  commands = createCommands(/** @type {any} */ ({ store, say }), /** @type {any} */ ({}), /** @type {any} */ ({}), () => /** @type {any} */ (tool));
  store.annotations.apply({ patches: [patchMask(null, mask())], origin: 'local', cause: 'edit' });
  for (const dragged of [{ shift: [4, 2], lasso: null }, { shift: null, lasso: [{ x: 0, y: 0 }, { x: 9, y: 9 }] }]) {
    store.view.set(dragged);
    commands.undo();
  }
  expect(tool.cancel).toHaveBeenCalledTimes(2);
  expect(store.annotations.masks.size).toBe(1);
});

test('who only looks on changes nothing, neither by undo nor by accepting', () => {
  const [kept, undone] = [mask(), mask()];
  for (const row of [undone, kept]) store.annotations.apply({ patches: [patchMask(null, row)], origin: 'local', cause: 'edit' });
  store.history.clear({ done: [[patchMask(null, kept)]], undone: [[patchMask(undone, null)]] });
  const pending = /** @type {any} */ ({ ...mask(), clicks: [], status: 'ready', shape: mask(), acceptFrom: null });
  store.annotations.apply({ patches: [patchPending(null, pending)], origin: 'remote', cause: 'edit' });
  const lease = store.session.get().lease;
  store.session.set({ lease: { ...lease, choice: 'look' } });
  commands.undo();
  commands.redo();
  commands.acceptActive();
  expect([...store.annotations.masks.values()]).toEqual([undone, kept]);
  store.session.set({ lease: { ...lease, choice: 'beside' } });
  commands.undo();
  expect([...store.annotations.masks.values()]).toEqual([undone]);
});

test('who may only look does not get into the fast mode', () => {
  store.session.set({ role: 'viewer' });
  commands.toggle('fastMode');
  expect(store.view.get().fastMode).toBe(false);
});

test('where the model has said nothing of its doubts, asking for them says so', () => {
  commands.toggleUncertain();
  expect(store.view.get().uncertainParts).toBe(false);
  commands.toggleUncertain();
  expect(say).toHaveBeenLastCalledWith(expect.stringContaining('has not said'));
  store.session.set({ image: { ...store.session.get().image, uncertain_tiles: [[0, 0, 448, 0.8]] } });
  say.mockClear();
  commands.toggleUncertain();
  commands.toggleUncertain();
  expect(store.view.get().uncertainParts).toBe(true);
  expect(say).not.toHaveBeenCalled();
});
