/** An image is moved only when all is saved, and the page follows what others do with it. */
import { beforeEach, expect, test, vi } from 'vitest';
import { createFlow } from '../src/flow.js';
import { createStore } from '../src/store/store.js';
import { openImage } from './store/masks.js';

let store, images, flow, equip;
const row = (more) => ({ id: 7, name: 'a.png', status: 'submitted', version: 2, mask_count: 0, moves: ['reopen'], closed: 'It waits.', ...more });

beforeEach(() => {
  store = createStore();
  openImage(store);
  images = { get: vi.fn(async () => row({ status: 'in_progress', version: 1, closed: null })), move: vi.fn(async () => row()) };
  equip = vi.fn(async () => {});
  flow = createFlow({
    session: store.session, images, equip, openNext() {},
    autosave: { settled: async () => {} },
    show: (image) => store.session.set({ image }),
  });
});

test('what is not saved is not handed in', async () => {
  store.session.set({ save: { ...store.session.get().save, state: 'offline' } });
  expect(await flow.move('submit')).toBe(false);
  expect(images.move).not.toHaveBeenCalled();
  expect(store.session.get().notices.at(-1).text).toContain('Not everything is saved yet');
});

test('the page shows what has become of the image, and counts what it has drawn itself', async () => {
  store.session.set({ image: { ...store.session.get().image, mask_count: 3 } });
  expect(await flow.move('submit')).toBe(true);
  expect(images.move).toHaveBeenCalledWith(7, 'submit', 1, '');
  expect(store.session.get().image).toMatchObject({ status: 'submitted', closed: 'It waits.', mask_count: 3 });
});

test('an image that others move is looked at again, and can be worked on once it is open', async () => {
  store.session.set({ image: row() });
  await flow.moved(7, { status: 'submitted', version: 2 });
  expect(images.get).not.toHaveBeenCalled();
  await flow.moved(7, { status: 'in_progress', version: 3 });
  expect(store.session.get().image.status).toBe('in_progress');
  expect(equip).toHaveBeenCalledOnce();
});
