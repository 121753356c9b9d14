import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createNavigation } from '../src/navigation.js';
import { createStore } from '../src/store/store.js';

let store, images, navigation, addresses;

/** What is beside the point here: it answers anything with nothing. */
const silent = () => new Proxy(/** @type {any} */ ({}), { get: () => vi.fn(async () => []) });

beforeEach(() => {
  addresses = [];
  vi.stubGlobal('window', Object.assign(new EventTarget(), { history: { pushState: (_state, _title, url) => addresses.push(url) } }));
  vi.stubGlobal('document', {});
  vi.stubGlobal('Image', class {});
  vi.stubGlobal('EventSource', class { addEventListener() {} close() {} });
  store = createStore();
  store.session.set({ role: 'annotator' });
  images = {
    get: vi.fn(async (id) => ({ id, name: `${id}.png`, authors: [], mask_count: 0 })),
    page: vi.fn(async () => ({ results: [5, 6].map((id) => ({ id })), next: null })),
    inNeed: vi.fn(async () => null),
    offer: vi.fn(async () => null),
  };
  navigation = createNavigation({
    store, images, dataset: 1, journal: null,
    stage: silent(), live: silent(), lease: silent(), decoder: silent(), prompter: silent(), workers: silent(), talk: silent(), prefetcher: silent(),
    masks: /** @type {any} */ ({ page: async () => ({ results: [] }) }),
    arrival: /** @type {any} */ ({ follow: async () => true, stop() {} }),
    autosave: /** @type {any} */ ({ settled: async () => {}, merge: () => [] }),
    historyLog: /** @type {any} */ ({ recall: async () => ({ done: [], undone: [] }) }),
    proposer: /** @type {any} */ ({ stop() {}, open: async () => {} }),
  });
});
afterEach(() => vi.unstubAllGlobals());

const state = () => [store.session.get().phase, store.session.get().image?.id];

test('an image that could not be opened is opened once there is a network again, or left for the one before', async () => {
  await navigation.start(5);
  expect(state()).toEqual(['ready', 5]);
  images.get.mockRejectedValueOnce(new Error('no network'));
  await navigation.open(6);
  expect(state()).toEqual(['failed', 5]);
  await navigation.retry();
  expect(state()).toEqual(['ready', 6]);
  expect(addresses).toEqual(['/datasets/1/annotate/6/']);

  images.get.mockRejectedValueOnce(new Error('no network'));
  await navigation.open(5);
  await navigation.open(6);
  expect(state()).toEqual(['ready', 6]);
  expect(addresses.at(-1)).toBe('/datasets/1/annotate/6/');
  images.get.mockClear();
  await navigation.retry();
  expect(images.get).not.toHaveBeenCalled();
});
