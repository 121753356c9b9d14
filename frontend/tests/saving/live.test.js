import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLive } from '../../src/saving/live.js';
import { createStore } from '../../src/store/store.js';

let session, changes, autosave, live;
const answers = [];
const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const answer = (masks, cursor, more = false) => ({ masks, cursor, more });

beforeEach(() => {
  vi.useFakeTimers();
  session = createStore().session;
  answers.length = 0;
  changes = vi.fn(async () => answers.shift() ?? answer([], 'later'));
  autosave = { receive: vi.fn(), knows: vi.fn(() => false) };
  live = createLive({ session, changes, autosave });
});
afterEach(() => {
  live.open(null);
  vi.useRealTimers();
});

test('a hint is followed from where one looked last, page by page', async () => {
  answers.push(answer([], 'start'), answer([{ id: 'a', author: 2, created_by: 'Ann' }], 'middle', true), answer([{ id: 'b', author: 2 }], 'end'));
  live.open(7);
  await settle();
  live.hint({ id: 'a', version: 1 });
  live.hint({ id: 'b', version: 1 });
  await settle(300);
  expect(changes.mock.calls).toEqual([[7, null], [7, 'start'], [7, 'middle']]);
  expect(autosave.receive.mock.calls.map(([image, rows]) => [image, rows.length])).toEqual([[7, 0], [7, 1], [7, 1]]);
  expect(session.get().authors).toEqual([{ id: 2, name: 'Ann' }]);
});

test('a hint that comes during a look is followed soon after it', async () => {
  let arrive;
  changes.mockImplementationOnce(() => new Promise((resolve) => (arrive = resolve)));
  live.open(7);
  await settle();
  live.hint({ id: 'a', version: 1 });
  await settle(100);
  arrive(answer([], 'start'));
  await settle(300);
  expect(changes).toHaveBeenCalledTimes(2);
  await settle(5000);
  expect(changes).toHaveBeenCalledTimes(2);
});

test('what the page did itself is no news', async () => {
  live.open(7);
  await settle();
  autosave.knows.mockReturnValue(true);
  live.hint({ id: 'mine', version: 3 });
  await settle(5000);
  expect(changes).toHaveBeenCalledTimes(1);
});

test('missed hints are made up for: after a while, and when the line is back', async () => {
  live.open(7);
  await settle();
  await settle(30000);
  expect(changes).toHaveBeenCalledTimes(2);
  live.look();
  await settle();
  expect(changes).toHaveBeenCalledTimes(3);
});

test('an answer about an image that was left comes too late', async () => {
  let arrive;
  changes.mockImplementationOnce(() => new Promise((resolve) => (arrive = resolve)));
  live.open(7);
  live.open(8);
  arrive(answer([{ id: 'a', author: 1 }], 'x'));
  await settle(1);
  expect(autosave.receive.mock.calls.map(([image]) => image)).toEqual([8]);
});

test('a failure is made up for later', async () => {
  changes.mockRejectedValueOnce(new Error('away'));
  live.open(7);
  await settle();
  await settle(30000);
  expect(autosave.receive).toHaveBeenCalledTimes(1);
});
