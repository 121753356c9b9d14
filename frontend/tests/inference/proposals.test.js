import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../../src/api/client.js';
import { createProposer } from '../../src/inference/proposals.js';
import { openJournal } from '../../src/journal.js';
import { rejectProposals } from '../../src/store/rejections.js';
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

/** @param {ReturnType<typeof page>} proposer @param {number} checkpoint that answers */
function open(proposer, checkpoint) {
  store.session.set({ checkpoint });
  return proposer.open();
}

test('an image is asked about once per checkpoint', async () => {
  await open(page(), 1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(store.proposals).toMatchObject({ status: 'ready', items: [{ score: 0.9 }] });
  await open(page(), 1);
  expect(store.proposals.status).toBe('ready');
  expect(prompts.ask).toHaveBeenCalledTimes(1);
  await open(page(), 2);
  expect(prompts.ask).toHaveBeenCalledTimes(2);
});

test('an image that is seen at another scale by now is asked about anew', async () => {
  const proposer = page();
  await open(proposer, 1);
  await vi.advanceTimersByTimeAsync(2000);
  await proposer.renew();
  expect(prompts.ask).toHaveBeenCalledTimes(1);
  store.session.set({ image: { ...store.session.get().image, scale: 2 } });
  await proposer.renew();
  await vi.advanceTimersByTimeAsync(2000);
  expect(store.proposals.status).toBe('ready');
  expect(prompts.ask).toHaveBeenCalledTimes(2);
  await open(page(), 1);
  expect(prompts.ask).toHaveBeenCalledTimes(2);
});

test('a failure says so, and trying again asks anew for good', async () => {
  prompts.get.mockImplementation(async (id) => answer(id, 'failed'));
  const proposer = page();
  await open(proposer, 1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(store.proposals.status).toBe('failed');
  prompts.get.mockImplementation(async (id) => answer(id));
  await proposer.again();
  await vi.advanceTimersByTimeAsync(2000);
  expect(store.proposals.status).toBe('ready');
  await open(page(), 1);
  expect(prompts.ask).toHaveBeenCalledTimes(2);
});

test('a refusal that comes when another image is open leaves that one its proposals', async () => {
  let refuse;
  prompts.ask.mockImplementationOnce(() => new Promise((_, reject) => (refuse = reject)));
  const proposer = page();
  const first = open(proposer, 1);
  await vi.advanceTimersByTimeAsync(0);
  store.session.set({ image: { ...store.session.get().image, id: 8 } });
  await open(proposer, 1);
  refuse(new ApiError(404, {}));
  await first;
  await vi.advanceTimersByTimeAsync(2000);
  expect(store.proposals.status).toBe('ready');
});

test('a prompt that the server forgot is asked again under its id', async () => {
  await open(page(), 1);
  await vi.advanceTimersByTimeAsync(2000);
  prompts.get.mockRejectedValueOnce(new ApiError(404, {}));
  await open(page(), 1);
  await vi.advanceTimersByTimeAsync(3000);
  expect(new Set(prompts.ask.mock.calls.map(([prompt]) => prompt.id)).size).toBe(1);
  expect(store.proposals.status).toBe('ready');
});

test('an answer for an image that was left is ignored', async () => {
  const proposer = page();
  await open(proposer, 1);
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
  await open(page(), 1);
  await vi.advanceTimersByTimeAsync(20000);
  expect(store.proposals.status).toBe('ready');
  expect(store.proposals.items.map(({ bbox }) => bbox[0])).toEqual([0, 10, 20, 30]);
  expect(new Set(sizes)).toEqual(new Set([0, 4]));
});

test('another checkpoint that answers proposes anew, and nobody\'s work is touched', async () => {
  prompts.ask.mockImplementation(async ({ id }) => answer(id));
  const proposer = page();
  await open(proposer, 1);
  const first = store.proposals.promptId;
  rejectProposals(store, store.proposals.items);
  const rejected = [...store.annotations.rejections.keys()];
  await proposer.renew();
  expect(store.proposals.promptId).toBe(first);

  store.session.set({ checkpoint: 2 });
  prompts.ask.mockImplementation(async ({ id }) => ({ ...answer(id), proposals: [{ ...square(30, 30, 4), score: 0.8 }] }));
  await Promise.all([proposer.renew(), proposer.renew()]);
  expect(prompts.ask).toHaveBeenCalledTimes(2);
  expect(store.proposals.items.map(({ bbox }) => bbox[0])).toEqual([30]);
  expect([...store.annotations.rejections.keys()]).toEqual(rejected);
  store.history.undo();
  expect(store.annotations.rejections.size).toBe(0);
});

test('where nothing is proposed, another checkpoint changes nothing', async () => {
  const proposer = page();
  store.session.set({ checkpoint: 2 });
  await proposer.renew();
  expect(prompts.ask).not.toHaveBeenCalled();
});

test('what was rejected is remembered when another checkpoint proposes', async () => {
  vi.useRealTimers();
  const memory = await openJournal(1);
  await memory.putProposalPrompt(7, 1, 'one');
  await memory.putRejections(7, ['a']);
  await memory.putProposalPrompt(7, 2, 'two');
  expect(await memory.rejections(7)).toEqual([{ id: 'a' }]);
  expect([await memory.proposalPrompt(7, 1), await memory.proposalPrompt(7, 2)]).toEqual([null, 'two']);
});
