import { expect, test, vi } from 'vitest';
import { createSession } from '../src/store/session.js';
import { watchUnread } from '../src/unread.js';

function watched(answers) {
  vi.useFakeTimers();
  const page = Object.assign(new EventTarget(), { hidden: false });
  const session = createSession();
  const unread = vi.fn(async () => {
    const answer = answers.shift();
    if (answer === undefined) throw new Error('offline');
    return { unread: answer };
  });
  watchUnread({ session, notices: { unread }, page: /** @type {any} */ (page) });
  return { page, session, unread };
}

test('the count is asked for every minute, and stays while the line is down', async () => {
  const { session } = watched([2, 3]);
  await vi.advanceTimersByTimeAsync(0);
  expect(session.get().unread).toBe(2);
  await vi.advanceTimersByTimeAsync(60000);
  expect(session.get().unread).toBe(3);
  await vi.advanceTimersByTimeAsync(60000);
  expect(session.get().unread).toBe(3);
});

test('nobody asks for a page that nobody sees', async () => {
  const { page, session, unread } = watched([1, 5]);
  await vi.advanceTimersByTimeAsync(0);
  page.hidden = true;
  page.dispatchEvent(new Event('visibilitychange'));
  await vi.advanceTimersByTimeAsync(600000);
  expect(unread).toHaveBeenCalledTimes(1);
  page.hidden = false;
  page.dispatchEvent(new Event('visibilitychange'));
  await vi.advanceTimersByTimeAsync(0);
  expect(session.get().unread).toBe(5);
});
