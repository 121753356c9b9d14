/** Box, lasso, polygon, corners and knife, as the pointer and the keys use them. */
import { beforeEach, expect, test, vi } from 'vitest';
import { createPicker } from '../../src/canvas/picker.js';
import { patchMask } from '../../src/store/annotations.js';
import { answer } from '../../src/store/edits.js';
import { activePending, focusOn, selectedMask, selectedMasks } from '../../src/store/focus.js';
import { editedOutline } from '../../src/store/outlines.js';
import { createStore } from '../../src/store/store.js';
import { createTools } from '../../src/tools/tools.js';
import { mask, openImage, square } from '../store/masks.js';

let store;
let say;
let tools;
beforeEach(() => {
  store = createStore();
  openImage(store);
  store.view.set({ viewport: { scale: 4, tx: 0, ty: 0 } });
  say = vi.fn();
  tools = createTools({ store, picker: createPicker(store), say });
});

const at = ([x, y], how = {}) => ({ point: { x, y }, shift: false, background: false, ...how });
function drag(tool, path, how) {
  if (!tool.press(at(path[0], how))) return;
  for (const [x, y] of path.slice(1)) tool.drag([{ x, y }]);
  tool.release();
}
const tap = (tool, place, how) => tool.tap(at(place, how));
function add(fields) {
  const row = mask(fields);
  store.annotations.apply({ patches: [patchMask(null, row)], origin: 'remote', cause: 'edit' });
  return row;
}
const masks = () => [...store.annotations.masks.values()];
const current = (row) => store.annotations.masks.get(row.id);
const around = (x, y, side) => [[x, y], [x + side, y], [x + side, y + side], [x, y + side]];
const reply = (shape) => answer(store, activePending(store).promptId, { shape, score: 1, error: '' }, true);

test('a box asks for the nucleus in it, whichever corner it begins at', () => {
  drag(tools.box, [[60, 70], [20, 30]]);
  expect(activePending(store)).toMatchObject({ status: 'thinking', box: [20, 30, 60, 70], clicks: [] });
});

test('a box ends at the border of the image', () => {
  drag(tools.box, [[180, 80], [230, 120]]);
  expect(activePending(store).box).toEqual([180, 80, 200, 100]);
  drag(tools.box, [[210, 80], [230, 120]]);
  expect(store.annotations.pendings.size).toBe(1);
  expect(say).toHaveBeenCalledOnce();
});

test('clicks refine what the box found, with the box tool too, and the box stays', () => {
  drag(tools.box, [[20, 30], [60, 70]]);
  reply(square(25, 35, 20));
  drag(tools.box, [[50, 50]], { background: true });
  expect(activePending(store)).toMatchObject({ box: [20, 30, 60, 70], clicks: [{ x: 50, y: 50, positive: false }] });
});

test('undo takes a box back', () => {
  drag(tools.box, [[20, 30], [60, 70]]);
  store.history.undo();
  expect(store.annotations.pendings.size).toBe(0);
});

test('a lasso draws a nucleus', () => {
  drag(tools.lasso, around(20, 20, 10));
  expect(masks()).toMatchObject([{ ...square(20, 20, 10), origin: 'drawn', prediction: null }]);
  expect(selectedMask(store)).toBe(masks()[0]);
});

test('Shift adds to the selected mask, Alt takes away from it', () => {
  const row = add(square(20, 20, 10));
  focusOn(store, row.id);
  drag(tools.lasso, around(28, 20, 10), { shift: true });
  expect(current(row)).toMatchObject({ bbox: [20, 20, 18, 10], area: 180, origin: 'fixed' });
  drag(tools.lasso, around(20, 20, 5), { background: true });
  expect(current(row).area).toBe(155);
  expect(masks()).toHaveLength(1);
});

test('with nothing selected Shift and Alt say what is missing', () => {
  drag(tools.lasso, around(28, 20, 10), { shift: true });
  drag(tools.lasso, around(28, 20, 10), { background: true });
  expect(say).toHaveBeenCalledTimes(2);
  expect(masks()).toEqual([]);
});

test('a click with the lasso selects', () => {
  const row = add(square(20, 20, 10));
  drag(tools.lasso, [[25, 25]]);
  expect(selectedMask(store)?.id).toBe(row.id);
});

test.each([
  ['Enter', () => tools.polygon.finish()],
  ['the first corner', () => tap(tools.polygon, [20.5, 20.5])],
  ['a double click', () => tap(tools.polygon, [20, 30])],
])('a polygon is closed by %s', (_, close) => {
  for (const corner of around(20, 20, 10)) tap(tools.polygon, corner);
  expect(masks()).toEqual([]);
  close();
  expect(masks()).toMatchObject([square(20, 20, 10)]);
  expect(store.view.get().draft).toBeNull();
});

test('Backspace goes back corner by corner, then it is nobody’s', () => {
  tap(tools.polygon, [20, 20]);
  tap(tools.polygon, [40, 20]);
  expect([tools.polygon.back(), tools.polygon.back(), tools.polygon.back()]).toEqual([true, true, false]);
  expect(store.view.get().draft).toBeNull();
});

test('a polygon of two corners is not closed, and says so', () => {
  tap(tools.polygon, [20, 20]);
  tap(tools.polygon, [40, 20]);
  expect(tools.polygon.finish()).toBe(true);
  expect(say).toHaveBeenCalledOnce();
  expect(store.view.get().draft.points).toHaveLength(2);
});

test('Escape forgets the corners', () => {
  tap(tools.polygon, [20, 20]);
  tools.polygon.cancel();
  expect([store.view.get().draft, tools.polygon.finish()]).toEqual([null, false]);
});

test('a corner that is dragged takes the outline along, in one step', () => {
  const row = add(square(20, 20, 10));
  focusOn(store, row.id);
  drag(tools.vertices, [[30, 20], [34, 18], [36, 16]]);
  expect(current(row).area).toBeGreaterThan(row.area);
  const shape = current(row);
  expect(editedOutline(shape)[0].corners).toHaveLength(4);
  expect(editedOutline(shape)[0].points).toContain(36);
  store.history.undo();
  expect(current(row)).toBe(row);
});

test('a corner that was only pressed, or put in the line, changes no pixel and nothing to undo', () => {
  const row = add(square(20, 20, 10));
  focusOn(store, row.id);
  drag(tools.vertices, [[30, 20]]);
  drag(tools.vertices, [[25, 20]]);
  expect(current(row)).toBe(row);
  expect(store.history.canUndo).toBe(false);
  expect(editedOutline(row)[0].corners).toHaveLength(5);
});

test('a drag on the line makes a corner there', () => {
  const row = add(square(20, 20, 10));
  focusOn(store, row.id);
  drag(tools.vertices, [[25, 30], [25, 36]]);
  expect(current(row).bbox).toEqual([20, 20, 10, 15]);
  expect(current(row).origin).toBe('fixed');
});

test('Delete takes the corner under the pointer, never the mask', () => {
  const row = add(square(20, 20, 10));
  focusOn(store, row.id);
  store.view.set({ pointer: { x: 25, y: 25 } });
  expect(tools.vertices.back()).toBe(true);
  expect(current(row)).toBe(row);
  store.view.set({ pointer: { x: 30, y: 20 } });
  tools.vertices.back();
  expect(current(row).area).toBeLessThan(60);
  tools.vertices.back();
  expect(say).toHaveBeenCalledTimes(2);
});

test('an outline that is pulled out of the image keeps the mask', () => {
  const row = add(square(0, 0, 1));
  focusOn(store, row.id);
  store.view.set({ viewport: { scale: 40, tx: 0, ty: 0 } });
  drag(tools.vertices, [[1, 1], [-9, -9]]);
  expect(current(row)).toBe(row);
  expect(say).toHaveBeenCalledOnce();
});

test('the pointer tells what it would take hold of', () => {
  focusOn(store, add(square(20, 20, 10)).id);
  const aim = (x, y) => tools.vertices.aim({ x, y });
  expect([aim(30, 20), aim(25, 20), aim(25, 25)]).toEqual(['corner', 'edge', '']);
});

test('the knife cuts the mask it crosses in two of the same class, in one step', () => {
  const row = add({ ...square(20, 20, 10), label_class: 3, prediction: 'p' });
  drag(tools.knife, [[24, 10], [24, 40]]);
  expect(masks()).toMatchObject([
    { id: row.id, bbox: [24, 20, 6, 10], label_class: 3, origin: 'fixed' },
    { bbox: [20, 20, 4, 10], label_class: 3, origin: 'fixed', prediction: 'p' },
  ]);
  expect(selectedMasks(store)).toHaveLength(2);
  store.history.undo();
  expect(masks()).toEqual([row]);
  store.history.redo();
  expect(masks()).toHaveLength(2);
});

test('of two crossed masks the selected one is cut', () => {
  const long = add(square(20, 20, 20));
  const short = add(square(20, 50, 8));
  focusOn(store, short.id);
  drag(tools.knife, [[24, 10], [24, 70]]);
  expect(current(long)).toBe(long);
  expect(masks()).toHaveLength(3);
});

test('a pending mask that is cut is accepted by it', () => {
  drag(tools.box, [[20, 20], [40, 40]]);
  reply(square(22, 22, 10));
  drag(tools.knife, [[26, 10], [26, 50]]);
  expect(store.annotations.pendings.size).toBe(0);
  expect(masks().map(({ area }) => area)).toEqual([60, 40]);
  expect(new Set(masks().map(({ prediction }) => prediction)).size).toBe(1);
  store.history.undo();
  expect([masks().length, store.annotations.pendings.size]).toEqual([0, 1]);
});

test.each([
  [[[24, 10], [24, 25]], /not go through/],
  [[[60, 60], [70, 60]], /no mask/],
])('a cut that fails says why', (path, why) => {
  const row = add(square(20, 20, 10));
  drag(tools.knife, path);
  expect(masks()).toEqual([row]);
  expect(say).toHaveBeenCalledWith(expect.stringMatching(why));
});

test('viewers draw nothing', () => {
  store.session.set({ role: 'viewer' });
  const row = add(square(20, 20, 10));
  focusOn(store, row.id);
  for (const name of ['box', 'lasso', 'knife', 'vertices']) drag(tools[name], [[30, 20], [24, 10], [24, 60]]);
  for (const corner of around(20, 20, 10)) tap(tools.polygon, corner);
  expect([masks(), store.annotations.pendings.size, store.view.get().draft]).toEqual([[row], 0, null]);
});
