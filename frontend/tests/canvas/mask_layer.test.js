import { beforeEach, expect, test, vi } from 'vitest';
import { createMaskLayer } from '../../src/canvas/gl/mask_layer.js';
import { patchMask } from '../../src/store/annotations.js';
import { createStore } from '../../src/store/store.js';
import { mask, square } from '../store/masks.js';
import { fakeCanvas } from './fake_gl.js';

let store, layer, calls, canvas;

beforeEach(() => {
  store = createStore();
  ({ canvas, calls } = fakeCanvas());
  layer = createMaskLayer({ store, canvas, request: () => {} });
});

const arrive = (masks) =>
  store.annotations.apply({ patches: masks.map((one) => patchMask(null, one)), origin: 'remote', cause: 'edit' });
const edit = (before, after) =>
  store.annotations.apply({ patches: [patchMask(before, after)], origin: 'local', cause: 'edit' });
const settle = () => {
  while (layer.work());
  layer.draw(1, 1);
};
/** What happens while `change` does. */
function counted(change) {
  const before = { ...calls };
  change();
  return Object.fromEntries(Object.entries(calls).map(([name, value]) => [name, value - before[name]]));
}

test('masks that have arrived are built between frames, each once', () => {
  arrive(Array.from({ length: 500 }, () => mask()));
  expect(layer.waiting).toBe(500);
  settle();
  expect(layer.waiting).toBe(0);
  expect(calls.uploads).toBe(500);
});

test('panning and zooming send nothing but where the image lies', () => {
  arrive(Array.from({ length: 500 }, () => mask()));
  settle();
  const sent = counted(() => {
    for (let k = 1; k < 20; k++) {
      store.view.set({ viewport: { scale: k / 2, tx: k, ty: -k } });
      layer.draw(2, 1);
    }
  });
  expect(sent).toMatchObject({ uploads: 0, bytes: 0, drawn: 19, textures: 0 });
});

test('one changed mask among many touches nothing but itself, and at once', () => {
  const masks = Array.from({ length: 3000 }, () => mask());
  arrive(masks);
  settle();
  const sent = counted(() => {
    edit(masks[1234], { ...masks[1234], ...square(40, 40, 9) });
    layer.draw(1, 1);
  });
  expect(sent.uploads).toBe(1);
  expect(sent.bytes).toBeLessThan(5000);
  expect(layer.waiting).toBe(0);
});

test('another class is another colour, not another shape', () => {
  const one = mask();
  arrive([one, mask()]);
  settle();
  const sent = counted(() => {
    edit(one, { ...one, label_class: 3 });
    layer.draw(1, 1);
  });
  expect(sent.uploads).toBe(0);
  expect(sent.bytes).toBeGreaterThan(0);
  expect(sent.bytes).toBeLessThan(64);
});

test('a mask that is deleted before it was built is never drawn', () => {
  const one = mask();
  arrive([one]);
  edit(one, null);
  settle();
  expect(calls.uploads).toBe(0);
  expect(calls.drawn).toBe(0);
});

test('another image takes the memory of the one before', () => {
  for (let round = 0; round < 5; round++) {
    store.annotations.load(Array.from({ length: 200 }, () => mask()), []);
    settle();
  }
  expect(calls.textures).toBe(1);
});

test('a lost context is no longer used; a restored one once it has every mask again', () => {
  const [early, late] = [mask(), mask()];
  arrive([early]);
  settle();
  canvas.dispatchEvent(new Event('webglcontextlost', { cancelable: true }));
  expect(layer.usable).toBe(false);
  arrive([late]);
  canvas.dispatchEvent(new Event('webglcontextrestored'));
  expect(layer.usable).toBe(false);
  const sent = counted(settle);
  expect(layer.usable).toBe(true);
  expect(sent.uploads).toBe(2);
});

test('where there is no WebGL there is no such layer', () => {
  const bare = /** @type {any} */ ({ getContext: () => null });
  expect(createMaskLayer({ store, canvas: bare, request: () => {} })).toBeNull();
});

test('a driver that cannot compile the shader leaves the drawing to the other layer', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const flawed = fakeCanvas({ getProgramParameter: () => false });
  const other = createMaskLayer({ store, canvas: flawed.canvas, request: () => {} });
  arrive([mask()]);
  expect(other?.work()).toBe(false);
  expect(other?.usable).toBe(false);
  expect(warn.mock.calls[0][0].message).toContain('no memory');
  warn.mockRestore();
});
