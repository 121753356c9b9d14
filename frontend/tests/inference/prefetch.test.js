import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPrefetcher } from '../../src/inference/prefetch.js';
import { createStore } from '../../src/store/store.js';

let view;
let decoder;
let prefetcher;
let idle;
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('Image', class {});
  ({ view } = createStore());
  idle = [];
  decoder = { lookAround: vi.fn(), prepare: vi.fn(async () => true) };
  prefetcher = createPrefetcher({ view, decoder, whenIdle: (work) => idle.push(work) });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const whenIdle = () => Promise.all(idle.splice(0).map((work) => work()));
const wait = (ms) => vi.advanceTimersByTimeAsync(ms);

test('what is around the view is fetched when it has come to rest, and nothing else is to do', async () => {
  for (let k = 1; k < 5; k++) {
    view.set({ viewport: { scale: 1, tx: k, ty: 0 } });
    await wait(100);
  }
  expect(idle).toHaveLength(0);
  await wait(300);
  expect(decoder.lookAround).not.toHaveBeenCalled();
  await whenIdle();
  expect(decoder.lookAround).toHaveBeenCalledOnce();
  view.set({ pointer: { x: 1, y: 1 } });
  await wait(1000);
  expect(idle).toHaveLength(0);
});

test('the next image is looked for again until it is encoded, or another one is next', async () => {
  decoder.prepare.mockResolvedValue(false);
  prefetcher.nextImage({ id: 8, pixels_url: '/8' });
  for (let k = 0; k < 3; k++) {
    await whenIdle();
    await wait(15000);
  }
  expect(decoder.prepare.mock.calls).toEqual([[8], [8], [8]]);
  prefetcher.nextImage({ id: 9, pixels_url: '/9' });
  decoder.prepare.mockResolvedValue(true);
  decoder.prepare.mockClear();
  await whenIdle();
  await wait(600000);
  expect(decoder.prepare.mock.calls.at(-1)).toEqual([9]);
  expect(idle).toHaveLength(0);
});
