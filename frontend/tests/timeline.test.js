import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NOW, momentSet } from '../src/store/comparison.js';
import { focusOn } from '../src/store/focus.js';
import { createStore } from '../src/store/store.js';
import { watchTimeline } from '../src/timeline.js';
import { mask, openImage } from './store/masks.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const told = (id, fields = {}) => ({ id, kind: 'mask.created', at: '2026-01-01T08:00:00Z', actor: null, mask: null, prediction: null, batch: null, data: {}, ...fields });

function watched() {
  const store = createStore({ openSections: [] });
  const api = {
    page: vi.fn(async (image, { before }) => (before ? { events: [told(1)], next: null } : { events: [told(3), told(2)], next: 2 })),
    restore: vi.fn(async () => ({ event: 9, count: 4, undo: 7 })),
  };
  const look = vi.fn();
  const history = watchTimeline({ store, api, look });
  openImage(store);
  store.annotations.load([mask({ id: 'm' })], []);
  return { store, api, look, history };
}

const open = (store) => store.view.set({ openSections: ['history'] });
const settle = () => vi.advanceTimersByTimeAsync(1000);
const ids = ({ timeline }) => timeline.get().events.map(({ id }) => id);

test('nothing is asked while nobody looks', async () => {
  const { store, api } = watched();
  await settle();
  expect(api.page).not.toHaveBeenCalled();
  open(store);
  await settle();
  expect(ids(store)).toEqual([3, 2]);
});

test('earlier events come page by page', async () => {
  const { store, api, history } = watched();
  open(store);
  await settle();
  history.more();
  await settle();
  expect(ids(store)).toEqual([3, 2, 1]);
  history.more();
  expect(api.page.mock.calls.filter(([, { before }]) => before)).toHaveLength(1);
});

test('a selected nucleus has its own history, and the filters come back after it', async () => {
  const { store, api } = watched();
  open(store);
  store.timeline.set({ actor: 5 });
  focusOn(store, 'm');
  await settle();
  expect(api.page.mock.lastCall[1]).toMatchObject({ mask: 'm', actor: null, kind: '' });
  focusOn(store, null);
  await settle();
  expect(api.page.mock.lastCall[1]).toMatchObject({ mask: null, actor: 5, kind: 'mask' });
});

test('what is saved is told', async () => {
  const { store, api } = watched();
  open(store);
  await settle();
  const { save } = store.session.get();
  store.session.set({ save: { ...save, state: 'saving' } });
  store.session.set({ save: { ...save, state: 'saved' } });
  await settle();
  expect(api.page).toHaveBeenCalledTimes(2);
});

test('a moment is looked at beside the present, and left again', () => {
  const { store, history } = watched();
  history.lookAt(told(3));
  expect(store.comparison.get()).toMatchObject({ mode: 'swipe', left: NOW, right: momentSet(3) });
  history.lookAt(told(3));
  expect(store.comparison.get().mode).toBe('off');
  expect(store.timeline.get().moment).toBeNull();
});

test('going back to a moment can be taken back', async () => {
  const { store, api, look, history } = watched();
  await history.restoreMoment(told(3));
  expect(look).toHaveBeenCalled();
  const [notice] = store.session.get().notices;
  expect(notice.text).toBe('4 nuclei are as they were.');
  notice.action.run();
  await settle();
  expect(api.restore.mock.calls).toEqual([[7, 3], [7, 7]]);
});

test('unsaved work is saved first', async () => {
  const { store, api, history } = watched();
  store.session.set({ save: { ...store.session.get().save, state: 'offline' } });
  await history.restoreMoment(told(3));
  expect(api.restore).not.toHaveBeenCalled();
  expect(store.session.get().notices[0].kind).toBe('warn');
});

test('a history that does not come says so, and is asked for again', async () => {
  const { store, api, history } = watched();
  api.page.mockRejectedValueOnce(new Error('offline'));
  open(store);
  await settle();
  expect(store.timeline.get().state).toBe('failed');
  history.retry();
  await settle();
  expect(store.timeline.get().state).toBe('ready');
});
