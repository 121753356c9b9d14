import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createNavigation } from '../src/navigation.js';
import { createStore } from '../src/store/store.js';

let store, images, navigation, addresses, proposer, decoder, workers;
/** @type {Record<string, (event: {data: string}) => void>} */
let hears;

/** What is beside the point here: it answers anything with nothing. */
const silent = () => new Proxy(/** @type {any} */ ({}), { get: () => vi.fn(async () => []) });

beforeEach(() => {
  addresses = [];
  hears = {};
  vi.stubGlobal('window', Object.assign(new EventTarget(), { history: { pushState: (_state, _title, url) => addresses.push(url) } }));
  vi.stubGlobal('document', {});
  vi.stubGlobal('Image', class {});
  vi.stubGlobal('EventSource', class { addEventListener(name, hear) { hears[name] = hear; } close() {} });
  store = createStore();
  store.session.set({ role: 'annotator' });
  images = {
    get: vi.fn(async (id) => ({ id, name: `${id}.png`, scale: 1, authors: [], mask_count: 0 })),
    page: vi.fn(async () => ({ results: [5, 6].map((id) => ({ id })), next: null })),
    inNeed: vi.fn(async () => null),
    offer: vi.fn(async () => null),
  };
  proposer = { stop() {}, open: vi.fn(async () => {}), renew: vi.fn(async () => {}) };
  decoder = { open: vi.fn(), refresh: vi.fn(), expect: vi.fn() };
  workers = { look: async () => store.session.set({ checkpoint: 3 }) };
  navigation = createNavigation({
    store, images, dataset: 1, journal: null,
    stage: silent(), live: silent(), lease: silent(), decoder, prompter: silent(), workers, talk: silent(), prefetcher: silent(),
    masks: /** @type {any} */ ({ page: async () => ({ results: [] }) }),
    arrival: /** @type {any} */ ({ follow: async () => true, stop() {} }),
    autosave: /** @type {any} */ ({ settled: async () => {}, merge: () => [] }),
    historyLog: /** @type {any} */ ({ recall: async () => ({ done: [], undone: [] }) }),
    proposer,
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

test('a resolution that is kept after the next image was opened leaves that one alone', async () => {
  await navigation.start(5);
  let answer = (_row) => {};
  images.setResolution = vi.fn(() => new Promise((resolve) => (answer = resolve)));
  proposer.again = vi.fn(async () => {});
  const saving = navigation.setResolution({ chosen_scale: 3 });
  await vi.waitFor(() => expect(images.setResolution).toHaveBeenCalled());
  await navigation.open(6);
  answer({ id: 5, scale: 3, encoding: 'queued' });
  await saving;
  expect(state()).toEqual(['ready', 6]);
  expect(proposer.again).not.toHaveBeenCalled();
});

test('a resolution is shown once it is kept', async () => {
  await navigation.start(5);
  proposer.again = vi.fn(async () => {});
  images.setResolution = vi.fn(async (id, _version, changed) => ({ id, scale: 3, encoding: 'queued', ...changed }));
  await navigation.setResolution({ chosen_scale: 3 });
  expect(images.setResolution.mock.calls[0][2]).toEqual({ chosen_scale: 3 });
  expect(store.session.get().image).toMatchObject({ id: 5, scale: 3, chosen_scale: 3, encoding: 'queued' });
  expect(decoder.open.mock.calls.at(-1)[0]).toMatchObject({ scale: 3 });
});

/** @param {string} name @param {object} data */
const tell = (name, data) => hears[name]({ data: JSON.stringify(data) });

test('once another checkpoint answers, its proposals are asked for as soon as it has encoded the image', async () => {
  await navigation.start(5);
  expect(proposer.open).toHaveBeenCalledTimes(1);
  tell('checkpoint', { id: 4, encoding: 'queued' });
  expect(store.session.get()).toMatchObject({ checkpoint: 4, image: { encoding: 'queued' } });
  expect(decoder.expect).toHaveBeenCalledWith(4);
  tell('encoding', { status: 'ready', checkpoint: 3, scale: 1 });
  expect(store.session.get().image.encoding).toBe('queued');
  expect(proposer.renew).not.toHaveBeenCalled();
  tell('encoding', { status: 'ready', checkpoint: 4, scale: 1 });
  expect(store.session.get().image.encoding).toBe('ready');
  expect(proposer.renew).toHaveBeenCalledTimes(1);
});

test('an image that turns out to be better seen enlarged is taken so from then on', async () => {
  await navigation.start(5);
  decoder.open.mockClear();
  images.get.mockImplementation(async (id) => ({ id, name: `${id}.png`, scale: 2, encoding: 'queued', authors: [], mask_count: 0 }));
  tell('encoding', { status: 'running', checkpoint: 3, scale: 2 });
  await vi.waitFor(() => expect(store.session.get().image).toMatchObject({ scale: 2, encoding: 'queued' }));
  expect(decoder.open).toHaveBeenCalledTimes(1);
  expect(proposer.renew).toHaveBeenCalledTimes(1);
  // What is told late of the former scale says nothing.
  tell('encoding', { status: 'ready', checkpoint: 3, scale: 1 });
  await Promise.resolve();
  expect(store.session.get().image.encoding).toBe('queued');
  expect(decoder.open).toHaveBeenCalledTimes(1);
});

test('what it has encoded before is proposed anew at once, but only to who may change the image', async () => {
  await navigation.start(5);
  tell('checkpoint', { id: 4, encoding: 'ready' });
  expect(proposer.renew).toHaveBeenCalledTimes(1);
  store.session.set({ role: 'viewer' });
  tell('checkpoint', { id: 3, encoding: 'ready' });
  expect(proposer.renew).toHaveBeenCalledTimes(1);
});
