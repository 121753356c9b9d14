import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../src/api/client.js';
import { createAutosave } from '../src/autosave.js';
import { openJournal } from '../src/journal.js';
import { patchMask } from '../src/store/annotations.js';
import { createStore } from '../src/store/store.js';
import { mask, openImage } from './store/masks.js';

let user = 100;
let journal;
let server;

/** The contract's masks, with a switch for trouble. */
function fakeServer() {
  const rows = new Map();
  const log = [];
  /** @type {(() => Error | null) | null} */
  let trouble = null;
  const stale = (row) => new ApiError(409, { code: 'stale', detail: 'Stale.', current: row });
  const meet = () => {
    const error = trouble?.();
    if (error) throw error;
  };
  return {
    rows,
    log,
    set trouble(value) {
      trouble = value;
    },
    async put(id, { version, ...row }) {
      meet();
      log.push(['put', id, version]);
      const old = rows.get(id);
      const same = old && !old.deleted_at && JSON.stringify(old.sent) === JSON.stringify(row);
      if (same) return old;
      const current = old && !old.deleted_at ? old.version : 0;
      if (version !== current) throw stale(old);
      const saved = { ...row, id, sent: row, version: (old?.version ?? 0) + 1, deleted_at: null };
      rows.set(id, saved);
      return saved;
    },
    async delete(id, version) {
      meet();
      log.push(['delete', id, version]);
      const old = rows.get(id);
      if (!old) throw new ApiError(404, { detail: 'No such mask.' });
      if (old.deleted_at) return null;
      if (version !== old.version) throw stale(old);
      rows.set(id, { ...old, deleted_at: 'now', version: old.version + 1 });
      return null;
    },
    async get(id) {
      const row = rows.get(id);
      if (!row || row.deleted_at) throw new ApiError(404, { detail: 'No such mask.' });
      return row;
    },
  };
}

/** A page that was just opened. */
function page(parts = {}) {
  const store = createStore();
  openImage(store);
  const autosave = createAutosave({ store, journal, masks: server, user, ...parts });
  const edit = (before, after) =>
    store.annotations.apply({ patches: [patchMask(before, after)], origin: 'local', cause: 'edit' });
  return { store, autosave, edit, save: () => store.session.get().save };
}

const offline = () => new ApiError(0, { detail: 'The server cannot be reached.' });
const live = () => [...server.rows.values()].filter((row) => !row.deleted_at);
const settled = (p) => vi.waitFor(() => expect(p.save().state).toBe('saved'), { timeout: 5000 });

beforeEach(async () => {
  user += 1;
  journal = await openJournal(user);
  server = fakeServer();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true, advanceTimeDelta: 50 });
});
afterEach(() => vi.useRealTimers());

test('every change reaches the server with the version it knows', async () => {
  const p = page();
  const first = mask();
  const second = { ...first, label_class: 2 };
  p.edit(null, first);
  expect(p.save().state).toBe('saving');
  await settled(p);
  p.edit(first, second);
  await settled(p);
  p.edit(second, null);
  await settled(p);
  expect(server.log.map(([verb, , version]) => [verb, version])).toEqual([['put', 0], ['put', 1], ['delete', 2]]);
  expect(await journal.entries()).toEqual([]);
});

test('what cannot be sent waits in the journal, and a reload sends it', async () => {
  server.trouble = offline;
  const before = page();
  before.edit(null, mask());
  before.edit(null, mask());
  await vi.waitFor(() => expect(before.save()).toMatchObject({ state: 'offline', waiting: 2, journal: true }));
  expect(before.autosave.atRisk).toBe(false);
  expect(await journal.entries()).toHaveLength(2);

  server.trouble = null;
  const after = page();
  await after.autosave.replay();
  expect(after.autosave.merge(7, [])).toHaveLength(2);
  await settled(after);
  expect(live()).toHaveLength(2);
  expect(await journal.entries()).toEqual([]);
});

test('it tries again by itself, later and later', async () => {
  let attempts = 0;
  server.trouble = () => (++attempts < 4 ? new ApiError(503, {}) : null);
  const p = page();
  p.edit(null, mask());
  await vi.waitFor(() => expect(p.save().state).toBe('offline'));
  await vi.advanceTimersByTimeAsync(1000);
  await vi.advanceTimersByTimeAsync(2000);
  await vi.advanceTimersByTimeAsync(4000);
  await settled(p);
  expect(attempts).toBe(4);
});

test('many changes of one mask while offline become one request', async () => {
  server.trouble = offline;
  const p = page();
  let row = mask();
  p.edit(null, row);
  for (let k = 0; k < 5; k++) {
    const next = { ...row, label_class: k };
    p.edit(row, next);
    row = next;
  }
  await vi.waitFor(() => expect(p.save()).toMatchObject({ state: 'offline', waiting: 1 }));
  server.trouble = null;
  await p.autosave.retry();
  await settled(p);
  expect(server.log).toHaveLength(1);
  expect(live()).toMatchObject([{ label_class: 4 }]);
});

test('a mask made and undone while offline leaves nothing on the server', async () => {
  server.trouble = offline;
  const p = page();
  const row = mask();
  p.edit(null, row);
  p.store.history.undo();
  server.trouble = null;
  await p.autosave.retry();
  await settled(p);
  expect(live()).toEqual([]);
});

test('a request whose answer was lost is repeated harmlessly', async () => {
  const p = page();
  const put = server.put;
  let lost = false;
  server.put = async (...all) => {
    const saved = await put(...all);
    if (lost) return saved;
    lost = true;
    throw offline();
  };
  p.edit(null, mask());
  await vi.advanceTimersByTimeAsync(1500);
  await settled(p);
  expect(live()).toHaveLength(1);
  expect(live()[0].version).toBe(1);
});

test('a mask whose creation was lost on the way back can still be deleted', async () => {
  const p = page();
  const put = server.put;
  server.put = async (...all) => {
    await put(...all);
    throw offline();
  };
  const row = mask();
  p.edit(null, row);
  await vi.waitFor(() => expect(p.save().state).toBe('offline'));
  server.put = put;
  p.edit(row, null);
  await settled(p);
  expect(live()).toEqual([]);
});

test('a stale change is saved on top of the other, with a notice', async () => {
  const p = page();
  const row = mask();
  p.edit(null, row);
  await settled(p);
  await server.put(row.id, { version: 1, label_class: 5, sentBy: 'someone else' });
  p.edit(row, { ...row, label_class: 9 });
  await settled(p);
  expect(server.rows.get(row.id)).toMatchObject({ label_class: 9, version: 3 });
  expect(p.store.session.get().notices).toMatchObject([{ kind: 'warn' }]);
});

test('a mask that someone else deleted is restored by a change of it', async () => {
  const p = page();
  const row = mask();
  p.edit(null, row);
  await settled(p);
  await server.delete(row.id, 1);
  p.edit(row, { ...row, label_class: 9 });
  await settled(p);
  expect(live()).toMatchObject([{ id: row.id, label_class: 9 }]);
});

test('a deletion does not destroy what someone else has changed since', async () => {
  const p = page();
  const row = mask();
  p.edit(null, row);
  await settled(p);
  const { sent } = server.rows.get(row.id);
  await server.put(row.id, { ...sent, version: 1, label_class: 5 });
  Object.assign(server.rows.get(row.id), { area: row.area });
  p.edit(row, null);
  await settled(p);
  expect(live()).toHaveLength(1);
  expect(p.store.annotations.masks.get(row.id)).toMatchObject({ label_class: 5 });
  expect(p.store.session.get().notices[0].text).toContain('not deleted');
});

test('undoing a deletion restores the mask on the server', async () => {
  const p = page();
  const row = mask();
  p.edit(null, row);
  await settled(p);
  p.edit(row, null);
  await settled(p);
  p.store.history.undo();
  await settled(p);
  expect(live()).toMatchObject([{ id: row.id }]);
});

test('what the server refuses is kept, shown, and let go only on request', async () => {
  const p = page();
  server.trouble = () => new ApiError(400, { code: 'outside', detail: 'The mask lies outside the image.' });
  const bad = mask();
  p.edit(null, bad);
  await vi.waitFor(() => expect(p.save()).toMatchObject({ state: 'refused', refused: 1, waiting: 0 }));
  expect(p.store.session.get().notices[0].text).toContain('outside the image');
  expect(await journal.entries()).toHaveLength(1);

  server.trouble = null;
  p.edit(null, mask());
  await vi.waitFor(() => expect(live()).toHaveLength(1));
  await p.autosave.discardRefused();
  expect(p.save().state).toBe('saved');
  expect(p.store.annotations.masks.has(bad.id)).toBe(false);
  await vi.waitFor(async () => expect(await journal.entries()).toEqual([]));
});

test('being signed out keeps everything and says so', async () => {
  const p = page();
  server.trouble = () => new ApiError(403, { code: 'not_authenticated', detail: 'Sign in.' });
  p.edit(null, mask());
  await vi.waitFor(() => expect(p.save()).toMatchObject({ state: 'signed_out', waiting: 1 }));
});

test('without a journal the page warns before it is left', async () => {
  server.trouble = offline;
  const p = page({ journal: null });
  p.edit(null, mask());
  await vi.waitFor(() => expect(p.save()).toMatchObject({ state: 'offline', journal: false }));
  expect(p.autosave.atRisk).toBe(true);
});

test('the journal is written before the server is asked', async () => {
  const order = [];
  const p = page({
    journal: { ...journal, put: async (entry) => (await journal.put(entry), order.push('journal')) },
    masks: { ...server, put: async (...all) => (order.push('server'), server.put(...all)) },
  });
  p.edit(null, mask());
  await settled(p);
  expect(order).toEqual(['journal', 'server']);
});

test("one person's journal is not another's", async () => {
  server.trouble = offline;
  const p = page();
  p.edit(null, mask());
  await vi.waitFor(() => expect(p.save().state).toBe('offline'));
  const other = await openJournal(user + 5000);
  expect(await other.entries()).toEqual([]);
});
