import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../../src/api/client.js';
import { createPrompter } from '../../src/inference/prompts.js';
import { askFor, askInBox, refine, reject } from '../../src/store/edits.js';
import { activePending } from '../../src/store/focus.js';
import { createStore } from '../../src/store/store.js';
import { openImage, square } from '../store/masks.js';

let store;
let prompts;
let prompter;
const queued = (id) => ({ id, image: 7, status: 'queued', error: '', score: null, mask: null, proposals: [] });
const done = (id, mask = square(10, 10, 4)) => ({ ...queued(id), status: 'done', score: 0.8, mask });

beforeEach(() => {
  vi.useFakeTimers();
  store = createStore();
  openImage(store);
  prompts = { ask: vi.fn(async ({ id }) => queued(id)), get: vi.fn(async (id) => queued(id)) };
  prompter = createPrompter({ store, prompts });
});
afterEach(() => vi.useRealTimers());

const click = () => {
  askFor(store, { x: 12, y: 12 });
  return activePending(store).promptId;
};
const status = () => activePending(store)?.status;

test('a click is asked at once, and the event brings the answer', async () => {
  const id = click();
  expect(prompts.ask).toHaveBeenCalledWith({ id, image: 7, clicks: [expect.objectContaining({ x: 12, y: 12 })], mask: undefined });
  await vi.advanceTimersByTimeAsync(50);
  prompter.settle(done(id));
  expect(status()).toBe('ready');
  await vi.advanceTimersByTimeAsync(60000);
  expect(prompts.get).not.toHaveBeenCalled();
});

test('without events polling brings it, first after 400 ms, then less and less often', async () => {
  const id = click();
  await vi.advanceTimersByTimeAsync(390);
  expect(prompts.get).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(20);
  expect(prompts.get).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(30000);
  expect(prompts.get.mock.calls.length).toBeLessThan(15);
  prompts.get.mockResolvedValue(done(id));
  await vi.advanceTimersByTimeAsync(5000);
  expect(status()).toBe('ready');
});

test('a click made offline is asked until the server can be reached', async () => {
  prompts.ask.mockRejectedValueOnce(new ApiError(0, {})).mockRejectedValueOnce(new ApiError(502, {}));
  const id = click();
  await vi.advanceTimersByTimeAsync(10000);
  expect(prompts.ask.mock.calls.map(([prompt]) => prompt.id)).toEqual([id, id, id]);
  expect(status()).toBe('thinking');
});

test('a prompt that the server forgot is asked again', async () => {
  const id = click();
  prompts.get.mockRejectedValueOnce(new ApiError(404, {}));
  await vi.advanceTimersByTimeAsync(3000);
  expect(prompts.ask.mock.calls.map(([prompt]) => prompt.id)).toEqual([id, id]);
});

test('a refusal is shown with its reason', async () => {
  prompts.ask.mockRejectedValueOnce(new ApiError(400, { detail: 'The click lies outside the image.' }));
  click();
  await vi.advanceTimersByTimeAsync(1);
  expect(activePending(store)).toMatchObject({ status: 'failed', error: 'The click lies outside the image.' });
});

test('a rejected prompt is not waited for', async () => {
  click();
  await vi.advanceTimersByTimeAsync(100);
  reject(store, activePending(store));
  await vi.advanceTimersByTimeAsync(60000);
  expect(prompts.get).not.toHaveBeenCalled();
});

test('refining sends all clicks and the mask so far', async () => {
  const id = click();
  await vi.advanceTimersByTimeAsync(1);
  prompter.settle(done(id));
  refine(store, { x: 20, y: 12 }, false);
  const { bbox, counts } = square(10, 10, 4);
  expect(prompts.ask).toHaveBeenLastCalledWith(
    expect.objectContaining({ mask: { bbox, counts }, clicks: [expect.objectContaining({ positive: true }), expect.objectContaining({ positive: false })] }),
  );
});

test('undo and redo of a click bring its answer back without asking', async () => {
  const id = click();
  await vi.advanceTimersByTimeAsync(1);
  prompter.settle(done(id));
  store.history.undo();
  expect(store.annotations.pendings.size).toBe(0);
  store.history.redo();
  await vi.advanceTimersByTimeAsync(1);
  expect(status()).toBe('ready');
  expect(prompts.ask).toHaveBeenCalledTimes(1);
});

test('a box is asked about, and asked again with the clicks that refine its answer', async () => {
  const box = [5, 6, 30, 28.5];
  askInBox(store, box);
  expect(prompts.ask).toHaveBeenLastCalledWith(expect.objectContaining({ image: 7, clicks: [], box }));
  await vi.advanceTimersByTimeAsync(1);
  prompter.settle(done(activePending(store).promptId));
  refine(store, { x: 20, y: 12 }, false);
  expect(prompts.ask).toHaveBeenLastCalledWith(
    expect.objectContaining({ box, clicks: [expect.objectContaining({ x: 20, positive: false })] }),
  );
});
