/** What happens between the browser's own answer and the server's. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../../src/api/client.js';
import { createAutosave } from '../../src/autosave.js';
import { createPrompter } from '../../src/inference/prompts.js';
import { accept, applyStroke, askFor, refine, reject } from '../../src/store/edits.js';
import { decode } from '../../src/geometry/rle.js';
import { activePending } from '../../src/store/focus.js';
import { createStore } from '../../src/store/store.js';
import { openImage, square } from '../store/masks.js';

const here = square(10, 10, 4);
const there = square(10, 10, 5);
const queued = (id) => ({ id, image: 7, status: 'queued', error: '', checkpoint: null, score: null, mask: null, proposals: [] });
const done = (id, mask = there) => ({ ...queued(id), status: 'done', checkpoint: 1, score: 0.8, mask });

let store;
let calls;
let prompts;
let prompter;
let decoder;
let masks;
beforeEach(() => {
  vi.useFakeTimers();
  store = createStore();
  openImage(store);
  calls = [];
  prompts = {
    ask: vi.fn(async ({ id }) => (calls.push('ask'), queued(id))),
    get: vi.fn(async (id) => queued(id)),
  };
  masks = { put: vi.fn(async (id, row) => (calls.push('put'), { ...row, id, version: 1 })) };
  decoder = { answer: vi.fn(async () => ({ shape: here, score: 0.7 })), expect: vi.fn() };
  prompter = createPrompter({ store, prompts, decoder });
  createAutosave({ store, journal: null, masks, user: 1, ask: prompter.ask });
});
afterEach(() => vi.useRealTimers());

const settle = (ms = 1) => vi.advanceTimersByTimeAsync(ms);
async function click() {
  askFor(store, { x: 12, y: 12 });
  const { promptId } = activePending(store);
  await settle();
  return promptId;
}
const pending = () => activePending(store);
const kept = () => [...store.annotations.masks.values()];

test('the browser answers first, and the server has the last word', async () => {
  const id = await click();
  expect(pending()).toMatchObject({ status: 'ready', shape: here, score: 0.7, prediction: id, provisional: true });
  expect(prompts.ask).toHaveBeenCalledOnce();
  prompter.settle(done(id));
  expect(pending()).toMatchObject({ status: 'ready', shape: there, score: 0.8, provisional: false });
  expect(decoder.expect).toHaveBeenCalledWith(1);
});

test('without events the server is polled for its answer, too', async () => {
  const id = await click();
  prompts.get.mockResolvedValue(done(id));
  await settle(1000);
  expect(pending().shape).toEqual(there);
});

test.each([[null, ''], [null, 'The model failed.']])('a server without an answer leaves the mask as it is', async (mask, error) => {
  const id = await click();
  prompter.settle({ ...done(id, mask), status: error ? 'failed' : 'done', error });
  expect(pending()).toMatchObject({ status: 'ready', shape: here, provisional: false });
});

test('a mask that was edited meanwhile is not replaced', async () => {
  const id = await click();
  applyStroke(store, decode(square(14, 10, 3)), false, pending().id);
  const { shape } = pending();
  prompter.settle(done(id));
  expect(pending()).toMatchObject({ shape, edited: true });
});

test('a mask that was accepted meanwhile stays, and is saved after its prompt', async () => {
  let arrive;
  prompts.ask.mockImplementation(({ id }) => new Promise((resolve) => (arrive = () => (calls.push('ask'), resolve(queued(id))))));
  const id = await click();
  accept(store, [pending()]);
  await settle(100);
  expect(calls).toEqual([]);
  arrive();
  await settle();
  expect(calls).toEqual(['ask', 'put']);
  expect(masks.put.mock.calls[0][1]).toMatchObject({ prediction: id, counts: here.counts, origin: 'accepted' });
  expect(masks.put.mock.calls[0][1]).not.toHaveProperty('question');
  prompter.settle(done(id));
  expect(kept()).toMatchObject([{ counts: here.counts, prediction: id }]);
});

test('accepted without a connection, both are sent when it is back', async () => {
  prompts.ask.mockRejectedValueOnce(new ApiError(0, {}));
  await click();
  accept(store, [pending()]);
  await settle(5000);
  expect(calls).toEqual(['ask', 'put']);
});

test('undo of a click leaves nothing, redo brings an answer back', async () => {
  const id = await click();
  prompter.settle(done(id));
  store.history.undo();
  expect(store.annotations.pendings.size).toBe(0);
  store.history.redo();
  await settle();
  expect(pending()).toMatchObject({ status: 'ready', shape: there });
  expect(prompts.ask).toHaveBeenCalledOnce();
});

test('undo of an acceptance is one step, and the pending mask is back', async () => {
  await click();
  accept(store, [pending()]);
  store.history.undo();
  expect(kept()).toEqual([]);
  expect(pending()).toMatchObject({ status: 'ready', shape: here });
});

test('a refinement hands the mask so far to both', async () => {
  prompter.settle(done(await click()));
  refine(store, { x: 20, y: 12 }, false);
  expect(decoder.answer).toHaveBeenLastCalledWith(7, { clicks: pending().clicks }, there);
  await settle();
  expect(pending()).toMatchObject({ shape: here, provisional: true, question: { mask: { counts: there.counts } } });
});

test('a rejected mask is not waited for', async () => {
  await click();
  reject(store, pending());
  await settle(60000);
  expect(prompts.get).not.toHaveBeenCalled();
});

test.each([[null], [{ shape: null, score: 0.9 }]])('without an answer here the server is waited for as ever', async (nothing) => {
  decoder.answer.mockResolvedValue(nothing);
  const id = await click();
  expect(pending().status).toBe('thinking');
  prompter.settle(done(id));
  expect(pending()).toMatchObject({ status: 'ready', shape: there });
});
