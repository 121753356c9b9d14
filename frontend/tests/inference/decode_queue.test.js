import { beforeEach, expect, test, vi } from 'vitest';
import { createDecodeQueue } from '../../src/inference/decode_queue.js';
import { square } from '../store/masks.js';

const found = { shape: square(10, 10, 4), score: 0.9, checkpoint: 1 };
const click = (x = 12, y = 12) => ({ clicks: [{ x, y, positive: true }] });
const settle = () => new Promise((resolve) => setTimeout(resolve));

let finish;
let decode;
let queue;
beforeEach(() => {
  finish = [];
  decode = vi.fn(() => new Promise((resolve) => finish.push(() => resolve(found))));
  queue = createDecodeQueue(decode);
});
const decoded = () => decode.mock.calls.map(([{ clicks }]) => clicks[0].x);
async function finishAll() {
  while (finish.length) {
    finish.shift()();
    await settle();
  }
}

test('of many previews the latest is decoded, one at a time, and clicks come first', async () => {
  const previews = [1, 2, 3].map((x) => queue.preview({ x, y: 1 }));
  const clicked = queue.answer(click(9), null);
  await settle();
  expect(decode).toHaveBeenCalledOnce();
  await finishAll();
  expect(decoded()).toEqual([1, 9, 3]);
  expect(await Promise.all(previews)).toEqual([found, null, found]);
  expect(await clicked).toEqual(found);
});

test.each([
  ['was decoded', 'latest'],
  ['is being decoded', 'running'],
  ['waits to be decoded', 'waiting'],
])('a click where the preview %s is answered by it', async (_, when) => {
  if (when === 'waiting') void queue.preview({ x: 1, y: 1 });
  const preview = queue.preview({ x: 12, y: 12 });
  if (when === 'latest') await finishAll();
  const clicked = queue.answer(click(), null);
  await finishAll();
  expect(decoded()).toEqual(when === 'waiting' ? [1, 12] : [12]);
  expect([await preview, await clicked]).toEqual([found, found]);
});

test('a mask to refine, a second click or a box asks for something else', async () => {
  void queue.preview({ x: 12, y: 12 });
  await finishAll();
  void queue.answer(click(), square(1, 1, 3));
  void queue.answer({ clicks: [...click().clicks, { x: 1, y: 1, positive: false }] }, null);
  void queue.answer({ clicks: [], box: [10, 10, 14, 14] }, null);
  await finishAll();
  expect(decode).toHaveBeenCalledTimes(4);
});

test('what was decoded before it had to forget answers nothing any more', async () => {
  void queue.preview({ x: 12, y: 12 });
  await finishAll();
  queue.forget();
  void queue.preview({ x: 12, y: 12 });
  queue.forget();
  void queue.preview({ x: 12, y: 12 });
  await finishAll();
  expect(decode).toHaveBeenCalledTimes(3);
});

test('an answer that could not be had is asked for again', async () => {
  decode.mockResolvedValueOnce(null);
  expect(await queue.answer(click(), null)).toBeNull();
  const again = queue.answer(click(), null);
  await finishAll();
  expect(await again).toEqual(found);
});
