import { beforeEach, expect, test, vi } from 'vitest';
import { createPicker } from '../../src/canvas/picker.js';
import { patchMask } from '../../src/store/annotations.js';
import { answer } from '../../src/store/edits.js';
import { activePending, selectedMask } from '../../src/store/focus.js';
import { createStore } from '../../src/store/store.js';
import { pointTool } from '../../src/tools/point.js';
import { mask, openImage, square } from '../store/masks.js';

let store;
let tool;
let say;
beforeEach(() => {
  store = createStore();
  openImage(store);
  say = vi.fn();
  tool = pointTool({ store, picker: createPicker(store), say });
});

const tap = (x, y, how = {}) => tool.tap({ point: { x, y }, shift: false, background: false, ...how });
const pendings = () => [...store.annotations.pendings.values()];
const reply = (shape) =>
  answer(store, activePending(store).promptId, { shape, score: 1, error: '' }, true);
function add(fields) {
  const row = mask(fields);
  store.annotations.apply({ patches: [patchMask(null, row)], origin: 'remote', cause: 'edit' });
  return row;
}

test('a click on empty ground asks for a nucleus', () => {
  tap(30, 30);
  expect(pendings()).toMatchObject([{ status: 'thinking', clicks: [{ x: 30, y: 30, positive: true }] }]);
});

test('a click on a mask selects it, another lets it go, and neither asks', () => {
  const row = add(square(30, 30, 10));
  tap(35, 35);
  expect(selectedMask(store)?.id).toBe(row.id);
  tap(35, 35);
  expect(selectedMask(store)).toBeNull();
  expect(pendings()).toEqual([]);
});

test('a double click asks once', () => {
  tap(30, 30);
  tap(31, 30);
  expect(pendings()).toHaveLength(1);
});

test('Shift adds to the pending mask, background takes away', () => {
  tap(30, 30);
  reply(square(28, 28, 5));
  tap(40, 30, { shift: true });
  tap(50, 30, { background: true });
  expect(pendings()).toHaveLength(1);
  expect(pendings()[0].clicks.map((click) => click.positive)).toEqual([true, true, false]);
});

test('the background switch makes every click one, for touch', () => {
  tap(30, 30);
  store.view.set({ background: true });
  tap(40, 30);
  expect(pendings()[0].clicks.map((click) => click.positive)).toEqual([true, false]);
});

test('a background click with nothing to correct explains itself', () => {
  tap(30, 30, { background: true });
  expect(pendings()).toEqual([]);
  expect(say).toHaveBeenCalledOnce();
});

test('Shift with nothing to refine is an ordinary click', () => {
  tap(30, 30, { shift: true });
  expect(pendings()).toHaveLength(1);
});

test('a click on the pending mask changes nothing', () => {
  tap(30, 30);
  reply(square(25, 25, 10));
  tap(32, 32);
  expect(pendings()).toHaveLength(1);
  expect(store.annotations.masks.size).toBe(0);
});

test('a click on an earlier pending mask takes it up again', () => {
  tap(30, 30);
  const { id } = activePending(store);
  reply(square(25, 25, 10));
  tap(80, 30);
  tap(30, 30);
  expect(activePending(store).id).toBe(id);
});

test('clicks outside the image, and clicks of viewers, ask nothing', () => {
  tap(-1, 5);
  tap(200, 5);
  store.session.set({ role: 'viewer' });
  tap(30, 30);
  expect(pendings()).toEqual([]);
});

const loading = (box) => store.session.set({ arriving: box && { total: 9, waiting: [], underWay: [box] } });

test('a click where masks are still loading is done when they have come', () => {
  loading([0, 0, 64, 64]);
  tap(30, 30);
  tap(31, 30);
  expect(pendings()).toEqual([]);
  expect(say).toHaveBeenCalled();
  loading([0, 0, 16, 16]);
  expect(pendings()).toMatchObject([{ clicks: [{ x: 30, y: 30, positive: true }] }]);
  loading(null);
  expect(pendings()).toHaveLength(1);
});

test('such a click selects the mask that comes', () => {
  loading([0, 0, 64, 64]);
  tap(35, 35);
  const row = add(square(30, 30, 10));
  loading(null);
  expect(selectedMask(store)?.id).toBe(row.id);
  expect(pendings()).toEqual([]);
});

test('such a click is forgotten with its image', () => {
  loading([0, 0, 64, 64]);
  tap(30, 30);
  store.session.set({ image: { ...store.session.get().image, id: 99 }, arriving: null });
  expect(pendings()).toEqual([]);
});
