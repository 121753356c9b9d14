import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLease } from '../../src/saving/lease.js';
import { mayEdit } from '../../src/store/session.js';
import { createStore } from '../../src/store/store.js';
import { openImage } from '../store/masks.js';

const ann = { tab: 'hers', user: 2, name: 'Ann', since: '2026-01-01T10:00:00Z' };
let store, leases, lease, page, held;
const settle = () => vi.advanceTimersByTimeAsync(0);
const view = () => store.session.get().lease;

beforeEach(() => {
  vi.useFakeTimers();
  store = createStore();
  openImage(store);
  page = Object.assign(new EventTarget(), { hidden: false });
  held = null;
  leases = {
    look: vi.fn(async () => ({ known: true, lease: held })),
    hold: vi.fn(async (_image, tab, take) => {
      if (!held || take) held = { tab, user: 1, name: 'me', since: ann.since };
      return { known: true, lease: held };
    }),
    release: vi.fn(async () => void (held = null)),
    ask: vi.fn(async () => null),
  };
  lease = createLease({ store, leases, tab: 'mine', page });
});
afterEach(() => {
  lease.open(null);
  vi.useRealTimers();
});

test('an image that nobody has is taken, prolonged, and given back', async () => {
  lease.open(7);
  await settle();
  expect(view()).toMatchObject({ holder: null, mine: true });
  await vi.advanceTimersByTimeAsync(45000);
  expect(leases.hold.mock.calls.length).toBeGreaterThanOrEqual(4);
  lease.open(null);
  expect(leases.release).toHaveBeenCalledWith(7, 'mine');
  leases.hold.mockClear();
  await vi.advanceTimersByTimeAsync(60000);
  expect(leases.hold).not.toHaveBeenCalled();
});

test('a page that goes before it knows that it has the image gives it back', () => {
  lease.open(7);
  expect(view().mine).toBe(false);
  lease.open(null);
  expect(leases.release).toHaveBeenCalledWith(7, 'mine');
});

test('who only looks at an image has nothing to give back', async () => {
  store.session.set({ role: 'viewer' });
  lease.open(7);
  await settle();
  lease.open(null);
  expect(leases.release).not.toHaveBeenCalled();
});

test('who else has it is said, and nobody is kept from work', async () => {
  held = ann;
  lease.open(7);
  await settle();
  expect(view()).toMatchObject({ holder: ann, choice: 'undecided', mine: false });
  expect(mayEdit(store.session.get())).toBe(true);
  lease.choose('look');
  await settle();
  expect(mayEdit(store.session.get())).toBe(false);
  held = null;
  await vi.advanceTimersByTimeAsync(15000);
  expect(view()).toMatchObject({ holder: null, choice: 'look', mine: false });
  lease.choose('beside');
  await settle();
  expect(view().mine).toBe(true);
  expect(mayEdit(store.session.get())).toBe(true);
});

test('a lease that ended while the computer slept is somebody else’s afterwards', async () => {
  lease.open(7);
  await settle();
  page.hidden = true;
  leases.hold.mockClear();
  await vi.advanceTimersByTimeAsync(3600000);
  expect(leases.hold).not.toHaveBeenCalled();
  held = ann;
  page.hidden = false;
  page.dispatchEvent(new Event('visibilitychange'));
  await settle();
  expect(view()).toMatchObject({ holder: ann, mine: false });
  expect(mayEdit(store.session.get())).toBe(true);
});

test('it is handed over on request', async () => {
  lease.open(7);
  await settle();
  lease.wanted({ name: 'Ann' });
  const [notice] = store.session.get().notices;
  expect(notice.text).toContain('Ann');
  notice.action.run();
  expect(leases.release).toHaveBeenCalledWith(7, 'mine');
  held = ann;
  lease.changed({ tab: 'hers' });
  await settle();
  expect(view()).toMatchObject({ holder: ann, choice: 'look' });
});

test('nobody asks a page that does not have it', async () => {
  held = ann;
  lease.open(7);
  await settle();
  lease.wanted({ name: 'Bea' });
  expect(store.session.get().notices).toEqual([]);
});

test('a decision about one person is not one about the next', async () => {
  held = ann;
  lease.open(7);
  await settle();
  lease.choose('beside');
  await settle();
  expect(view().choice).toBe('beside');
  held = { ...ann, tab: 'another', name: 'Bea' };
  lease.changed({ tab: 'another' });
  await settle();
  expect(view()).toMatchObject({ choice: 'undecided', holder: { name: 'Bea' } });
});

test('when nobody can say who has it, everybody works', async () => {
  leases.hold = vi.fn(async () => ({ known: false, lease: null }));
  lease.open(7);
  await settle();
  expect(view()).toMatchObject({ holder: null, mine: false });
  leases.hold = vi.fn(async () => Promise.reject(new Error('away')));
  await vi.advanceTimersByTimeAsync(15000);
  expect(mayEdit(store.session.get())).toBe(true);
});
