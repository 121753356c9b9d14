import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../../src/api/client.js';
import { createProposer } from '../../src/inference/proposals.js';
import { createStore } from '../../src/store/store.js';
import { openImage, square } from '../store/masks.js';

let store;
let prompts;
let journal;
const answer = (id, status = 'done') => ({ id, status, error: '', mask: null, score: null, proposals: [{ ...square(10, 10, 4), score: 0.9 }] });

beforeEach(() => {
  vi.useFakeTimers();
  store = createStore();
  openImage(store);
  const kept = new Map();
  journal = {
    proposalPrompt: async (image, checkpoint) => kept.get(`${image}/${checkpoint}`) ?? null,
    putProposalPrompt: async (image, checkpoint, id) => kept.set(`${image}/${checkpoint}`, id),
  };
  prompts = {
    ask: vi.fn(async ({ id }) => answer(id, 'queued')),
    get: vi.fn(async (id) => answer(id)),
  };
});
afterEach(() => vi.useRealTimers());

const page = () => createProposer({ store, prompts, journal });

test('an image is asked about once per checkpoint', async () => {
  await page().open(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(store.proposals).toMatchObject({ status: 'ready', items: [{ score: 0.9 }] });
  await page().open(1);
  expect(store.proposals.status).toBe('ready');
  expect(prompts.ask).toHaveBeenCalledTimes(1);
  await page().open(2);
  expect(prompts.ask).toHaveBeenCalledTimes(2);
});

test('a failure says so, and trying again asks anew for good', async () => {
  prompts.get.mockImplementation(async (id) => answer(id, 'failed'));
  const proposer = page();
  await proposer.open(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(store.proposals.status).toBe('failed');
  prompts.get.mockImplementation(async (id) => answer(id));
  await proposer.again();
  await vi.advanceTimersByTimeAsync(2000);
  expect(store.proposals.status).toBe('ready');
  await page().open(1);
  expect(prompts.ask).toHaveBeenCalledTimes(2);
});

test('a refusal that comes when another image is open leaves that one its proposals', async () => {
  let refuse;
  prompts.ask.mockImplementationOnce(() => new Promise((_, reject) => (refuse = reject)));
  const proposer = page();
  const first = proposer.open(1);
  await vi.advanceTimersByTimeAsync(0);
  store.session.set({ image: { ...store.session.get().image, id: 8 } });
  await proposer.open(1);
  refuse(new ApiError(404, {}));
  await first;
  await vi.advanceTimersByTimeAsync(2000);
  expect(store.proposals.status).toBe('ready');
});

test('a prompt that the server forgot is asked again under its id', async () => {
  await page().open(1);
  await vi.advanceTimersByTimeAsync(2000);
  prompts.get.mockRejectedValueOnce(new ApiError(404, {}));
  await page().open(1);
  await vi.advanceTimersByTimeAsync(3000);
  expect(new Set(prompts.ask.mock.calls.map(([prompt]) => prompt.id)).size).toBe(1);
  expect(store.proposals.status).toBe('ready');
});

test('an answer for an image that was left is ignored', async () => {
  const proposer = page();
  await proposer.open(1);
  const { id } = prompts.ask.mock.calls[0][0];
  proposer.stop();
  proposer.settle(answer(id));
  expect(store.proposals.status).toBe('thinking');
});

test('many proposals come in portions and are shown together, whatever fails on the way', async () => {
  const one = (k) => ({ ...square(10 * k, 0, 4), score: 0.9 });
  prompts.get.mockImplementation(async (id) => ({ ...answer(id), proposals: [one(0), one(1)], more_proposals: 2 }));
  prompts.proposals = vi.fn(async (_id, start) =>
    start === 2 ? { proposals: [one(2)], more_proposals: 3 } : { proposals: [one(3)], more_proposals: null });
  prompts.proposals.mockRejectedValueOnce(new ApiError(0, {}));
  const sizes = [];
  store.proposals.on(() => sizes.push(store.proposals.items.length));
  await page().open(1);
  await vi.advanceTimersByTimeAsync(20000);
  expect(store.proposals.status).toBe('ready');
  expect(store.proposals.items.map(({ bbox }) => bbox[0])).toEqual([0, 10, 20, 30]);
  expect(new Set(sizes)).toEqual(new Set([0, 4]));
});
