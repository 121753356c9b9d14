import { expect, test, vi } from 'vitest';
import { createTalk } from '../src/comments.js';
import { createComments } from '../src/store/comments.js';
import { createSession } from '../src/store/session.js';

const first = { id: 'a', thread: null, created_at: '1' };
const answer = { id: 'b', thread: 'a', created_at: '2' };

function talking(asked, rows = [first, answer]) {
  const store = { comments: createComments(), session: createSession() };
  const show = vi.fn();
  const api = /** @type {any} */ ({ ofImage: async () => ({ results: rows }) });
  createTalk({ store: /** @type {any} */ (store), api, dataset: 1, asked, show });
  return { ...store, show };
}

/** @param {any} session @param {number} id */
async function open(session, id) {
  session.set({ phase: 'loading', image: { id } });
  await vi.waitFor(() => {});
  session.set({ phase: 'ready' });
  await new Promise((done) => setTimeout(done));
}

test.each(['a', 'b'])('who comes for comment %s is shown its thread, once', async (asked) => {
  const { session, show } = talking(asked);
  await open(session, 1);
  session.set({ phase: 'loading' });
  session.set({ phase: 'ready' });
  expect(show.mock.calls).toEqual([[first]]);
});

test('it is not looked for on another image', async () => {
  const { session, show } = talking('a', []);
  session.set({ image: /** @type {any} */ ({ id: 1 }) });
  await open(session, 2);
  expect(show).not.toHaveBeenCalled();
  expect(session.get().notices).toEqual([]);
});

test('a comment that is gone is said to be', async () => {
  const { session, show } = talking('gone');
  await open(session, 1);
  expect(show).not.toHaveBeenCalled();
  expect(session.get().notices.map(({ text }) => text)).toEqual(['The comment is not there any more.']);
});

test('who comes for none is shown none', async () => {
  const { session, show } = talking(null);
  await open(session, 1);
  expect(show).not.toHaveBeenCalled();
  expect(session.get().notices).toEqual([]);
});
