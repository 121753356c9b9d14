import { beforeEach, expect, test, vi } from 'vitest';
import { createPicker } from '../../src/canvas/picker.js';
import { patchMask } from '../../src/store/annotations.js';
import { focusOn } from '../../src/store/focus.js';
import { createStore } from '../../src/store/store.js';
import { strokeTool } from '../../src/tools/stroke.js';
import { mask, openImage, square } from '../store/masks.js';

let store;
let say;
let brush;
let eraser;
beforeEach(() => {
  store = createStore();
  openImage(store);
  store.view.set({ brushSize: 4, viewport: { scale: 4, tx: 0, ty: 0 } });
  say = vi.fn();
  const context = { store, picker: createPicker(store), say };
  brush = strokeTool(context, false);
  eraser = strokeTool(context, true);
});

function stroke(tool, ...path) {
  const [start, ...rest] = path.map(([x, y]) => ({ x, y }));
  tool.press({ point: start, shift: false, background: false });
  if (rest.length) tool.drag(rest);
  tool.release();
}
function add(fields) {
  const row = mask(fields);
  store.annotations.apply({ patches: [patchMask(null, row)], origin: 'remote', cause: 'edit' });
  return row;
}
const masks = () => [...store.annotations.masks.values()];

test('a stroke that starts on a mask fixes that one', () => {
  const row = add(square(20, 20, 10));
  stroke(brush, [28, 25], [36, 25]);
  expect(masks()).toMatchObject([{ id: row.id, origin: 'fixed' }]);
  expect(masks()[0].area).toBeGreaterThan(row.area);
});

test('a stroke that comes to touch the selected mask belongs to it', () => {
  const row = add(square(20, 20, 10));
  focusOn(store, row.id);
  stroke(brush, [50, 25], [32, 25]);
  expect(masks()).toHaveLength(1);
});

test('a stroke on empty ground draws a new nucleus, though another is selected', () => {
  const row = add(square(20, 20, 10));
  focusOn(store, row.id);
  stroke(brush, [80, 80], [90, 80]);
  expect(masks().map((m) => m.origin)).toEqual(['accepted', 'drawn']);
});

test('the eraser takes from the first mask that it meets, and from no other', () => {
  const near = add(square(20, 20, 10));
  const far = add(square(40, 20, 10));
  stroke(eraser, [10, 25], [22, 25], [60, 25]);
  expect(store.annotations.masks.get(near.id).area).toBeLessThan(near.area);
  expect(store.annotations.masks.get(far.id)).toEqual(far);
});

test('an eraser that met nothing says so', () => {
  stroke(eraser, [10, 25], [15, 25]);
  expect(say).toHaveBeenCalledOnce();
});

test('a stroke that is broken off leaves nothing', () => {
  brush.press({ point: { x: 30, y: 30 }, shift: false, background: false });
  brush.cancel();
  brush.release();
  expect(masks()).toEqual([]);
});

test('strokes are cut at the border of the image', () => {
  stroke(brush, [199, 99], [230, 120]);
  const [{ bbox }] = masks();
  expect(bbox[0] + bbox[2]).toBeLessThanOrEqual(200);
  expect(bbox[1] + bbox[3]).toBeLessThanOrEqual(100);
});
