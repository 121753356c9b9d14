import { beforeEach, expect, test, vi } from 'vitest';
import { createPicker } from '../../src/canvas/picker.js';
import { watchHover } from '../../src/inference/hover.js';
import { patchMask } from '../../src/store/annotations.js';
import { createStore } from '../../src/store/store.js';
import { mask, openImage, square } from '../store/masks.js';

let store;
let decoder;
beforeEach(() => {
  store = createStore();
  openImage(store);
  decoder = {
    state: 'ready',
    medianTime: 50,
    preview: vi.fn(async ({ x, y }) => ({ shape: square(Math.floor(x) - 5, Math.floor(y) - 5, 10), score: 0.9 })),
  };
  watchHover({ store, picker: createPicker(store), decoder });
});

const settle = () => new Promise((resolve) => setTimeout(resolve));
async function point(x, y) {
  store.view.set({ pointer: { x, y } });
  await settle();
}
const preview = () => store.view.get().preview;

test('a pointer at rest shows what a click would give, and nothing else changes', async () => {
  await point(30, 30);
  expect(preview()).toEqual(square(25, 25, 10));
  expect([store.annotations.pendings.size, store.history.canUndo]).toEqual([0, false]);
});

test('an outline that the pointer has left goes at once', async () => {
  await point(30, 30);
  decoder.preview.mockReturnValue(new Promise(() => {}));
  await point(80, 80);
  expect(preview()).toBeNull();
});

test.each([
  ['a press somewhere else', { pressed: { x: 80, y: 30 } }],
  ['another tool', { tool: 'brush' }],
  ['background clicks', { background: true }],
  ['hidden masks', { hidden: true }],
  ['switching it off', { hoverPreview: false }],
  ['leaving the stage', { pointer: null }],
])('%s ends it', async (_, change) => {
  await point(30, 30);
  store.view.set(change);
  expect(preview()).toBeNull();
});

test('over a mask nothing is decoded', async () => {
  store.annotations.apply({ patches: [patchMask(null, mask(square(25, 25, 10)))], origin: 'remote', cause: 'edit' });
  await point(30, 30);
  expect(decoder.preview).not.toHaveBeenCalled();
});

test('outside the image, before the decoder is there, and for viewers nothing is decoded', async () => {
  await point(-1, 5);
  decoder.state = 'loading';
  await point(30, 30);
  decoder.state = 'ready';
  store.session.set({ role: 'viewer' });
  await point(31, 30);
  expect(decoder.preview).not.toHaveBeenCalled();
});

test.each([[{ shape: square(25, 25, 10), score: 0.2 }], [{ shape: null, score: 0.9 }], [null]])(
  'an answer that promises nothing is not shown',
  async (answer) => {
    decoder.preview.mockResolvedValue(answer);
    await point(30, 30);
    expect(preview()).toBeNull();
  },
);

test('an answer that comes after the press is not shown', async () => {
  store.view.set({ pointer: { x: 30, y: 30 } });
  store.view.set({ pressed: { x: 30, y: 30 } });
  await settle();
  expect(preview()).toBeNull();
});

test('the outline stays while the button is held', async () => {
  await point(30, 30);
  store.view.set({ pressed: { x: 30, y: 30 } });
  expect(preview()).toEqual(square(25, 25, 10));
});

test('a press is decoded while the button is held, for the click that follows', async () => {
  store.view.set({ hoverPreview: false });
  await point(30, 30);
  expect(decoder.preview).not.toHaveBeenCalled();
  store.view.set({ pressed: { x: 30, y: 30 } });
  await settle();
  expect(decoder.preview).toHaveBeenCalledWith({ x: 30, y: 30 });
  expect(preview()).toBeNull();
});

test('on a slow computer it is switched off and says so once', async () => {
  decoder.medianTime = 400;
  await point(30, 30);
  expect(store.view.get().hoverPreview).toBe(false);
  expect(store.session.get().notices).toHaveLength(1);
  store.view.set({ hoverPreview: true });
  await point(31, 30);
  expect(store.view.get().hoverPreview).toBe(true);
  expect(store.session.get().notices).toHaveLength(1);
});
