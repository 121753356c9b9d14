import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLocalDecoder } from '../../src/inference/local_decoder.js';
import { square } from '../store/masks.js';

const image = { id: 7, width: 200, height: 100, pixels_url: '/pixels' };
const found = { shape: square(10, 10, 4), score: 0.9 };
const encoded = (checkpoint = 1, scale = 1) => ({
  scale,
  checkpoint, window: 160, decoder_url: `/decoder/${checkpoint}`, tiles: [{ x: 0, y: 0, side: 224, url: '/tile' }],
});

let encodings;
let orders;
let replies;
let threads;
let decoder;
beforeEach(() => {
  vi.useFakeTimers();
  encodings = { ofImage: vi.fn(async () => encoded()) };
  orders = [];
  replies = { decode: () => found };
  threads = 0;
  decoder = createLocalDecoder({
    encodings,
    viewCentre: () => ({ x: 0, y: 0 }),
    startThread: () => {
      threads += 1;
      return {
        stop: vi.fn(),
        ask: async (order) => {
          orders.push(order);
          return { number: 0, ...(await replies[order.kind]?.(order)) };
        },
      };
    },
  });
});
afterEach(() => vi.useRealTimers());

const kinds = () => orders.map((order) => order.kind);
const settle = () => vi.advanceTimersByTimeAsync(1);
async function ready() {
  decoder.open(image);
  await settle();
  expect(decoder.state).toBe('ready');
}
const click = (x = 12, y = 12) => ({ clicks: [{ x, y, positive: true }] });

test('opening an image loads decoder, pixels and the tile in view', async () => {
  await ready();
  expect(kinds()).toEqual(['model', 'image', 'tiles']);
  expect(await decoder.answer(7, click(), null)).toEqual(found);
});

test('tiles of an image that the network sees enlarged say by how much', async () => {
  encodings.ofImage.mockResolvedValue(encoded(1, 2));
  await ready();
  expect(orders.find(({ kind }) => kind === 'tiles').tiles).toMatchObject([{ side: 224, scale: 2 }]);
});

test('the next image keeps the decoder, and clicks on another one are not its business', async () => {
  await ready();
  decoder.open({ ...image, id: 8, pixels_url: '/other' });
  await settle();
  expect(kinds()).toEqual(['model', 'image', 'tiles', 'image', 'tiles']);
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

test('of many previews the latest is decoded, one at a time, and clicks come first', async () => {
  await ready();
  orders.length = 0;
  let finish;
  replies.decode = () => new Promise((resolve) => (finish = () => resolve(found)));
  const all = [1, 2, 3].map((x) => decoder.preview({ x, y: 1 }));
  const clicked = decoder.answer(7, click(9), null);
  await settle();
  expect(orders).toHaveLength(1);
  for (let k = 0; k < 3; k++) {
    finish();
    await settle();
  }
  expect(orders.map((order) => order.prompt.clicks[0].x)).toEqual([1, 9, 3]);
  expect(await Promise.all(all)).toEqual([found, null, found]);
  expect(await clicked).toEqual(found);
});

test('a click where the preview was decoded is answered by it', async () => {
  await ready();
  await decoder.preview({ x: 12, y: 12 });
  orders.length = 0;
  expect(await decoder.answer(7, click(), null)).toEqual(found);
  expect(orders).toEqual([]);
});

test('a tile that is gone is left to the server, and asked for again', async () => {
  await ready();
  replies.decode = () => ({ gone: true, failure: 'gone' });
  expect(await decoder.answer(7, click(), null)).toBeNull();
  await vi.advanceTimersByTimeAsync(3000);
  expect(encodings.ofImage).toHaveBeenCalledTimes(2);
  expect(decoder.state).toBe('ready');
});

test('tiles that went before they were fetched are no reason to give up', async () => {
  replies.tiles = () => ({ gone: true, failure: 'gone' });
  await ready();
});

test('another checkpoint brings another decoder', async () => {
  await ready();
  encodings.ofImage.mockResolvedValue(encoded(2));
  decoder.expect(1);
  expect(encodings.ofImage).toHaveBeenCalledTimes(1);
  decoder.expect(2);
  await settle();
  expect(orders.filter((order) => order.kind === 'model').map((order) => order.url)).toEqual(['/decoder/1', '/decoder/2']);
  expect(decoder.checkpoint).toBe(2);
});

test('a browser that cannot load it is left in peace after three attempts', async () => {
  replies.model = () => ({ failure: 'no WebAssembly' });
  decoder.open(image);
  await vi.advanceTimersByTimeAsync(600000);
  expect(decoder.state).toBe('off');
  expect(kinds().filter((kind) => kind === 'model')).toHaveLength(3);
  expect(await decoder.answer(7, click(), null)).toBeNull();
  expect(await decoder.preview({ x: 1, y: 1 })).toBeNull();
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
