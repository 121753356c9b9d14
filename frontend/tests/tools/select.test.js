import { beforeEach, expect, test, vi } from 'vitest';
import { createPicker } from '../../src/canvas/picker.js';
import { patchMask } from '../../src/store/annotations.js';
import { select, selectedMasks } from '../../src/store/focus.js';
import { createStore } from '../../src/store/store.js';
import { selectTool } from '../../src/tools/select.js';
import { createSelectionCommands } from '../../src/tools/selection_commands.js';
import { mask, openImage, square } from '../store/masks.js';

let store;
let tool;
let say;
let commands;
/** @type {import('../../src/store/annotations.js').Mask[]} */
let rows;
beforeEach(() => {
  store = createStore();
  openImage(store);
  store.view.set({ tool: 'select', viewport: { scale: 2, tx: 0, ty: 0 }, screen: { width: 300, height: 200 } });
  say = vi.fn();
  const context = { store, picker: createPicker(store), say };
  tool = selectTool(context);
  commands = createSelectionCommands(context);
  rows = [square(10, 10, 10), square(40, 10, 10), square(170, 70, 10)].map((shape, k) =>
    mask({ ...shape, author: k === 1 ? 9 : 1, label_class: k ? 4 : null }),
  );
  store.annotations.apply({ patches: rows.map((row) => patchMask(null, row)), origin: 'remote', cause: 'edit' });
});

const ids = () => selectedMasks(store).map(({ id }) => rows.findIndex((row) => row.id === id));
const press = (x, y, how = {}) => tool.press({ point: { x, y }, shift: false, background: false, ...how });
function drag(path, how) {
  const [[x, y], ...rest] = path;
  press(x, y, how);
  for (const [px, py] of rest) tool.drag([{ x: px, y: py }]);
  tool.release();
}

test('a click selects one, Shift adds and removes, a click beside lets go', () => {
  drag([[15, 15], [15.5, 15]]);
  expect(ids()).toEqual([0]);
  drag([[45, 15]], { shift: true });
  expect(ids()).toEqual([0, 1]);
  drag([[15, 15]], { shift: true });
  expect(ids()).toEqual([1]);
  drag([[5, 60]], { shift: true });
  expect(ids()).toEqual([1]);
  drag([[5, 60]]);
  expect(ids()).toEqual([]);
});

test('a drag selects what has its middle in the rectangle, whichever corner comes first', () => {
  drag([[60, 30], [12, 5]]);
  expect(ids()).toEqual([0, 1]);
  drag([[60, 30], [20, 5]]);
  expect(ids()).toEqual([1]);
  drag([[150, 60], [190, 90]], { shift: true });
  expect(ids()).toEqual([1, 2]);
  expect(store.view.get().lasso).toBeNull();
});

test('with Alt the drag is a lasso', () => {
  drag([[5, 5], [60, 5], [60, 30], [30, 30], [30, 8], [5, 8]], { background: true });
  expect(ids()).toEqual([1]);
});

test('a drag from a selected mask moves all of them, in one step', () => {
  select(store, [rows[0].id, rows[1].id]);
  drag([[15, 15], [20, 15], [25.2, 18]]);
  expect(rows.map(({ id }) => store.annotations.masks.get(id).bbox)).toEqual([
    [20, 13, 10, 10], [50, 13, 10, 10], [170, 70, 10, 10],
  ]);
  store.history.undo();
  expect(store.annotations.masks.get(rows[0].id)).toEqual(rows[0]);
});

test('Escape in the middle of a drag leaves everything as it was', () => {
  select(store, [rows[0].id]);
  press(15, 15);
  tool.drag([{ x: 40, y: 40 }]);
  tool.cancel();
  tool.release();
  expect(store.annotations.masks.get(rows[0].id)).toBe(rows[0]);
  expect(store.view.get().shift).toBeNull();
});

test('a viewer may select, not move', () => {
  store.session.set({ role: 'viewer' });
  select(store, [rows[0].id]);
  drag([[15, 15], [45, 15]]);
  expect(store.annotations.masks.get(rows[0].id)).toBe(rows[0]);
});

test('all in view, all mine, all of a class', () => {
  commands.selectInView();
  expect(ids()).toEqual([0, 1]);
  commands.selectMine();
  expect(ids()).toEqual([0, 2]);
  select(store, [rows[1].id]);
  commands.selectClass();
  expect(ids()).toEqual([1, 2]);
  select(store, []);
  commands.selectClass();
  expect(ids()).toEqual([0]);
});

test('a command that cannot act says why', () => {
  commands.merge();
  expect(say).toHaveBeenLastCalledWith(expect.stringContaining('Select a nucleus first'));
  select(store, [rows[0].id]);
  commands.merge();
  expect(say).toHaveBeenLastCalledWith(expect.stringContaining('at least two'));
  commands.fillHoles();
  expect(say).toHaveBeenLastCalledWith(expect.stringContaining('no hole'));
  for (let k = 0; k < 5; k++) commands.shrink();
  expect(say).toHaveBeenLastCalledWith(expect.stringContaining('nothing of it would remain'));
  commands.nudge(-1, 0);
  store.session.set({ role: 'viewer' });
  say.mockClear();
  commands.merge();
  expect(say).not.toHaveBeenCalled();
});
