/** Every tool with the keyboard alone. */
import { beforeEach, expect, test, vi } from 'vitest';
import { createPicker } from '../../src/canvas/picker.js';
import { patchMask } from '../../src/store/annotations.js';
import { activePending, focusOn, selectedMask } from '../../src/store/focus.js';
import { createStore } from '../../src/store/store.js';
import { createCommands } from '../../src/tools/commands.js';
import { createTools } from '../../src/tools/tools.js';
import { mask, openImage, square } from '../store/masks.js';

let store;
let commands;
beforeEach(() => {
  store = createStore();
  openImage(store);
  store.view.set({ viewport: { scale: 4, tx: 0, ty: 0 }, screen: { width: 800, height: 400 }, brushSize: 4 });
  const context = { store, picker: createPicker(store), say: vi.fn() };
  const tools = createTools(context);
  const camera = { fit() {}, zoom() {}, reveal() {}, lookAt() {} };
  commands = createCommands(context, camera, {}, () => tools[store.view.get().tool]);
  commands.toggleCrosshair(); // at 100, 50; an arrow goes two pixels
});

const enter = (how = {}) => commands.clickCrosshair({ shift: false, background: false, ...how });
const go = (dx, dy) => commands.moveCrosshair(dx, dy, false);
const masks = () => [...store.annotations.masks.values()];

test('a box from corner to corner', () => {
  commands.useTool('box');
  enter();
  go(10, 5);
  enter();
  expect(activePending(store)).toMatchObject({ box: [100, 50, 120, 60] });
});

test('a brush stroke, and Enter again begins none', () => {
  commands.useTool('brush');
  enter();
  go(5, 0);
  enter();
  enter();
  expect(masks()).toHaveLength(1);
  expect(masks()[0].bbox[2]).toBe(14);
  expect(store.view.get().stroke).toBeNull();
});

test('a polygon corner by corner, closed by Enter in place', () => {
  commands.useTool('polygon');
  for (const [dx, dy] of [[0, 0], [10, 0], [0, 10], [-10, 0]]) {
    go(dx, dy);
    enter();
  }
  enter();
  expect(masks()).toMatchObject([square(100, 50, 20)]);
});

test('undo takes the last corner of a polygon, not the mask before it', () => {
  commands.useTool('polygon');
  enter();
  go(10, 0);
  enter();
  commands.undo();
  expect(store.view.get().draft.points).toHaveLength(1);
  commands.escape();
  expect(store.view.get().draft).toBeNull();
});

test('a cut through a mask', () => {
  const row = mask(square(95, 60, 10));
  store.annotations.apply({ patches: [patchMask(null, row)], origin: 'remote', cause: 'edit' });
  commands.useTool('knife');
  enter();
  go(0, 15);
  enter();
  expect(masks().map(({ area }) => area)).toEqual([50, 50]);
});

test('a corner is taken, carried and put down', () => {
  const row = mask(square(90, 40, 10));
  store.annotations.apply({ patches: [patchMask(null, row)], origin: 'remote', cause: 'edit' });
  focusOn(store, row.id);
  commands.useTool('vertices');
  enter();
  go(3, 3);
  enter();
  expect(masks()[0].area).toBeGreaterThan(130);
});

test('with Select one Enter selects', () => {
  const row = mask(square(95, 45, 10));
  store.annotations.apply({ patches: [patchMask(null, row)], origin: 'remote', cause: 'edit' });
  commands.useTool('select');
  enter();
  expect(selectedMask(store)?.id).toBe(row.id);
});

test('another tool lets go of what is under way', () => {
  commands.useTool('polygon');
  enter();
  commands.useTool('brush');
  expect(store.view.get().draft).toBeNull();
});

test('with corners in sight the Delete key never takes the mask, the button does', () => {
  const row = mask(square(95, 45, 10));
  store.annotations.apply({ patches: [patchMask(null, row)], origin: 'remote', cause: 'edit' });
  focusOn(store, row.id);
  commands.useTool('vertices');
  commands.removeLast();
  expect(masks()).toEqual([row]);
  commands.remove();
  expect(masks()).toEqual([]);
});
