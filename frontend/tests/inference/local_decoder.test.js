import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLocalDecoder } from '../../src/inference/local_decoder.js';
import { square } from '../store/masks.js';

const image = { id: 7, width: 200, height: 100, pixels_url: '/pixels' };
const found = { shape: square(10, 10, 4), score: 0.9, checkpoint: 1 };
const encoded = (checkpoint = 1, scale = 1) => ({
  scale,
  checkpoint, window: 160, decoder_url: `/decoder/${checkpoint}`, tiles: [{ x: 0, y: 0, side: 224, url: '/tile' }],
});

let encodings;
let orders;
let replies;
let threads;
let stop;
let decoder;
beforeEach(() => {
  stop = vi.fn();
  vi.useFakeTimers();
  encodings = { ofImage: vi.fn(async () => encoded()) };
  orders = [];
  replies = { decode: () => found };
  threads = 0;
  decoder = createLocalDecoder({
    encodings,
    view: () => ({ centre: { x: 0, y: 0 }, box: [0, 0, 50, 50] }),
    startThread: () => {
      threads += 1;
      return {
        stop,
        ask: async (order) => {
          orders.push(order);
          return { number: 0, ...(await replies[order.kind]?.(order)) };
        },
      };
    },
  });
});
afterEach(() => vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(1);
async function ready() {
  decoder.open(image);
  await settle();
  expect(decoder.state).toBe('ready');
}
const click = (x = 12, y = 12) => ({ clicks: [{ x, y, positive: true }] });

test('opening an image loads decoder, pixels and tiles in one step, then looks around', async () => {
  await ready();
  expect(orders).toMatchObject([
    { kind: 'scene', checkpoint: 1, decoder: '/decoder/1', side: 160, picture: '/pixels', tiles: [{ url: '/tile' }], afresh: false },
    { kind: 'lookAround', box: [0, 0, 50, 50] },
  ]);
  expect(await decoder.answer(7, click(), null)).toEqual(found);
});

test('tiles of an image that the network sees enlarged say by how much', async () => {
  encodings.ofImage.mockResolvedValue(encoded(1, 2));
  await ready();
  expect(orders[0].tiles).toMatchObject([{ side: 224, scale: 2 }]);
});

test('the next image keeps the thread, and clicks on another one are not its business', async () => {
  await ready();
  decoder.open({ ...image, id: 8, pixels_url: '/other' });
  await settle();
  expect(orders.filter(({ kind }) => kind === 'scene').map(({ picture }) => picture)).toEqual(['/pixels', '/other']);
  expect(threads).toBe(1);
  expect(await decoder.answer(7, click(), null)).toBeNull();
});

test('nothing starts before the server has what is needed', async () => {
  encodings.ofImage.mockResolvedValueOnce({ ...encoded(), decoder_url: null });
  decoder.open(image);
  await settle();
  expect([threads, decoder.state]).toEqual([0, 'none']);
  await vi.advanceTimersByTimeAsync(3000);
  expect(decoder.state).toBe('ready');
});

test('a tile that is gone is left to the server, and asked for again', async () => {
  await ready();
  replies.decode = () => ({ gone: true, failure: 'gone' });
  expect(await decoder.answer(7, click(), null)).toBeNull();
  await vi.advanceTimersByTimeAsync(3000);
  expect(encodings.ofImage).toHaveBeenCalledTimes(2);
  expect(decoder.state).toBe('ready');
});

test('another checkpoint brings another decoder; until it is there the former one answers, by its name', async () => {
  await ready();
  decoder.expect(1);
  expect(encodings.ofImage).toHaveBeenCalledTimes(1);
  encodings.ofImage.mockResolvedValue({ ...encoded(2), tiles: [] });
  decoder.expect(2);
  await settle();
  expect([decoder.state, decoder.checkpoint]).toEqual(['ready', 1]);
  expect(await decoder.answer(7, click(), null)).toMatchObject({ checkpoint: 1 });
  encodings.ofImage.mockResolvedValue(encoded(2));
  let finish;
  replies.scene = () => new Promise((resolve) => (finish = () => resolve({})));
  decoder.refresh();
  await settle();
  expect(await decoder.answer(7, click(13), null)).toMatchObject({ checkpoint: 1 });
  finish();
  await settle();
  expect(decoder.checkpoint).toBe(2);
});

test('what the former decoder answered is no answer of the next one', async () => {
  await ready();
  await decoder.preview({ x: 12, y: 12 });
  encodings.ofImage.mockResolvedValue(encoded(2));
  decoder.expect(2);
  await settle();
  replies.decode = () => ({ ...found, checkpoint: 2 });
  expect(await decoder.answer(7, click(), null)).toMatchObject({ checkpoint: 2 });
});

test('a download that breaks off is tried again as often as it takes', async () => {
  replies.scene = () => ({ passing: true, failure: 'broke off' });
  decoder.open(image);
  await vi.advanceTimersByTimeAsync(120000);
  expect(decoder.state).toBe('loading');
  expect(await decoder.answer(7, click(), null)).toBeNull();
  replies.scene = undefined;
  await vi.advanceTimersByTimeAsync(10000);
  expect(decoder.state).toBe('ready');
});

test('a browser that cannot run it is left in peace after three attempts', async () => {
  replies.scene = () => ({ failure: 'no WebAssembly' });
  decoder.open(image);
  await vi.advanceTimersByTimeAsync(600000);
  expect(decoder.state).toBe('off');
  // What the browser kept of the first download is not trusted again.
  expect(orders.filter(({ kind }) => kind === 'scene').map(({ afresh }) => afresh)).toEqual([false, true, true]);
  expect(stop).toHaveBeenCalledTimes(3);
  expect(await decoder.answer(7, click(), null)).toBeNull();
  expect(await decoder.preview({ x: 1, y: 1 })).toBeNull();
});

test('a thread that stops is replaced', async () => {
  await ready();
  replies.decode = () => ({ failure: 'out of memory' });
  expect(await decoder.answer(7, click(), null)).toBeNull();
  replies.decode = () => found;
  await vi.advanceTimersByTimeAsync(3000);
  expect([threads, decoder.state]).toEqual([2, 'ready']);
  expect(await decoder.answer(7, click(), null)).toEqual(found);
});

test('a decode that ends after another image was opened says nothing', async () => {
  await ready();
  let finish;
  replies.decode = () => new Promise((resolve) => (finish = () => resolve(found)));
  const late = decoder.preview({ x: 1, y: 1 });
  await settle();
  decoder.open(null);
  finish();
  expect(await late).toBeNull();
});

test('of an image that may be opened next, the tiles in its middle are fetched', async () => {
  await ready();
  const tiles = [0, 384, 768].flatMap((y) => [0, 384, 768].map((x) => ({ x, y, side: 448, url: `/${x}-${y}` })));
  encodings.ofImage.mockResolvedValue({ ...encoded(), tiles });
  expect(await decoder.prepare(8)).toBe(true);
  expect(orders.at(-1)).toMatchObject({ kind: 'fetch' });
  expect(orders.at(-1).urls[0]).toBe('/384-384');
  expect(orders.at(-1).urls).toHaveLength(4);
  encodings.ofImage.mockResolvedValue({ ...encoded(), tiles: [] });
  expect(await decoder.prepare(8)).toBe(false);
});
