import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchChannels } from '../src/channels.js';
import { createStore } from '../src/store/store.js';

const FACTS = [0, 1].map(() => ({ name: '', least: 0, most: 5000, black: 100, white: 4000 }));
/** @type {any} */
const DEEP = { id: 7, channels: 2, pixels_url: '/api/images/7/pixels/', channels_url: '/api/images/7/channels/' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** @param {{kept?: unknown}} [options] */
function watched({ kept } = {}) {
  const store = createStore();
  /** @type {{url: string, settle: (done: boolean) => void}[]} */
  const asked = [];
  const images = { channels: vi.fn(async () => ({ channels: FACTS })) };
  const stage = { showPicture: (/** @type {string} */ url) => new Promise((settle) => asked.push({ url, settle })) };
  const keep = vi.fn();
  watchChannels({ store, images, stage, kept, keep });
  const open = async (image = DEEP) => {
    store.session.set({ image, phase: 'loading' });
    store.session.set({ phase: 'ready' });
    await vi.runAllTimersAsync();
  };
  const setWhite = (/** @type {number} */ white) =>
    store.channels.set({ shown: store.channels.get().shown.map((channel) => ({ ...channel, white })) });
  return { store, asked, images, keep, open, setWhite };
}

test('the server is not troubled until somebody looks for the channels', async () => {
  const { store, images, open } = watched();
  await open();
  expect(images.channels).not.toHaveBeenCalled();
  store.view.set({ openSections: ['image'] });
  await vi.runAllTimersAsync();
  expect(images.channels).toHaveBeenCalledTimes(1);
  expect(store.channels.get().shown).toHaveLength(2);
});

test('an image without more to show is left alone', async () => {
  const { store, images, open } = watched();
  store.view.set({ openSections: ['image'] });
  await open({ ...DEEP, channels_url: null });
  expect(images.channels).not.toHaveBeenCalled();
});

test('while a picture is fetched, only the last wish is remembered, and it comes last', async () => {
  const { store, asked, keep, open, setWhite } = watched();
  store.view.set({ openSections: ['image'] });
  await open();
  expect(asked).toHaveLength(0);
  setWhite(2000);
  await vi.runAllTimersAsync();
  setWhite(2500);
  await vi.runAllTimersAsync();
  setWhite(3000);
  await vi.runAllTimersAsync();
  expect(asked.map(({ url }) => url.match(/0:100:(\d+)/)?.[1])).toEqual(['2000']);
  expect(store.channels.get().state).toBe('rendering');
  asked[0].settle(true);
  await vi.runAllTimersAsync();
  expect(asked.map(({ url }) => url.match(/0:100:(\d+)/)?.[1])).toEqual(['2000', '3000']);
  asked[1].settle(true);
  await vi.runAllTimersAsync();
  expect(store.channels.get().state).toBe('ready');
  expect(keep).toHaveBeenLastCalledWith(store.channels.get().shown);
});

test('going back to the stored windows shows the stored picture, and keeps nothing', async () => {
  const { store, asked, keep, open, setWhite } = watched();
  store.view.set({ openSections: ['image'] });
  await open();
  setWhite(2000);
  await vi.runAllTimersAsync();
  asked[0].settle(true);
  setWhite(4000);
  await vi.runAllTimersAsync();
  expect(asked[1].url).toBe(DEEP.pixels_url);
  expect(keep).toHaveBeenLastCalledWith(null);
});

test('a picture of the image before is not waited for', async () => {
  const { store, asked, open, setWhite } = watched();
  store.view.set({ openSections: ['image'] });
  await open();
  setWhite(2000);
  await vi.runAllTimersAsync();
  await open({ ...DEEP, id: 8, pixels_url: '/api/images/8/pixels/', channels_url: '/api/images/8/channels/' });
  expect(asked.map(({ url }) => url.match(/images\/(\d+)/)?.[1])).toEqual(['7', '8']);
  asked[0].settle(false);
  asked[1].settle(true);
  await vi.runAllTimersAsync();
  expect(store.channels.get().state).toBe('ready');
});
