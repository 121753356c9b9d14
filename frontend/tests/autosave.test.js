import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../src/api/client.js';
import { createAutosave } from '../src/autosave.js';
import { openJournal } from '../src/journal.js';
import { patchMask, patchPending } from '../src/store/annotations.js';
import { createStore } from '../src/store/store.js';
import { fakeServer, offline } from './saving/server.js';
import { mask, openImage, square } from './store/masks.js';

let user = 100;
let journal;
let server;

/** A page that was just opened. */
function page(parts = {}) {
  const store = createStore();
  openImage(store);
  const autosave = createAutosave({ store, journal, masks: server.api, user, ...parts });
  const edit = (before, after) =>
    store.annotations.apply({ patches: [patchMask(before, after)], origin: 'local', cause: 'edit' });
  return { store, autosave, edit, save: () => store.session.get().save };
}

const live = () => server.live;
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
  expect(server.log.map(({ verb, version }) => [verb, version])).toEqual([['put', 0], ['put', 1], ['delete', 2]]);
  expect(await journal.entries()).toEqual([]);
});

test('what cannot be sent waits in the journal, and a reload sends it', async () => {
  server.weather = offline;
  const before = page();
  before.edit(null, mask());
  before.edit(null, mask());
  await vi.waitFor(() => expect(before.save()).toMatchObject({ state: 'offline', waiting: 2, journal: true }));
  expect(before.autosave.atRisk).toBe(false);
  expect(await journal.entries()).toHaveLength(2);

  server.weather = () => null;
  const after = page();
  await after.autosave.replay();
  expect(after.autosave.merge(7, [])).toHaveLength(2);
  await settled(after);
  expect(live()).toHaveLength(2);
  expect(await journal.entries()).toEqual([]);
});

test('it tries again by itself, later and later', async () => {
  let attempts = 0;
  server.weather = (moment) => (moment === 'request' && ++attempts < 4 ? new ApiError(503, {}) : null);
  const p = page();
  p.edit(null, mask());
  await vi.waitFor(() => expect(p.save().state).toBe('offline'));
  await vi.advanceTimersByTimeAsync(1000);
  await vi.advanceTimersByTimeAsync(2000);
  await vi.advanceTimersByTimeAsync(4000);
  await settled(p);
  expect(attempts).toBe(4);
});

test('many changes of one mask while offline become one, after the one that may have arrived', async () => {
  server.weather = offline;
  const p = page();
  let row = mask();
  p.edit(null, row);
  for (let k = 0; k < 5; k++) {
    const next = { ...row, label_class: k };
    p.edit(row, next);
    row = next;
  }
  await vi.waitFor(() => expect(p.save()).toMatchObject({ state: 'offline', waiting: 2 }));
  server.weather = () => null;
  await p.autosave.retry();
  await settled(p);
  expect(server.log).toHaveLength(2);
  expect(live()).toMatchObject([{ label_class: 4 }]);
});

test('a mask made and undone while offline leaves nothing on the server', async () => {
  server.weather = offline;
  const p = page();
  const row = mask();
  p.edit(null, row);
  p.store.history.undo();
  server.weather = () => null;
  await p.autosave.retry();
  await settled(p);
  expect(live()).toEqual([]);
});

test('a request whose answer was lost is repeated harmlessly', async () => {
  const p = page();
  let lost = false;
  server.weather = (moment) => (moment === 'answer' && !lost ? ((lost = true), offline()) : null);
  p.edit(null, mask());
  await vi.advanceTimersByTimeAsync(1500);
  await settled(p);
  expect(live()).toHaveLength(1);
  expect(live()[0].version).toBe(1);
});

test('a mask whose creation was lost on the way back can still be changed and deleted', async () => {
  for (const wish of [null, 'other']) {
    const p = page();
    server.weather = (moment) => (moment === 'answer' ? offline() : null);
    const row = mask();
    p.edit(null, row);
    await vi.waitFor(() => expect(p.save().state).toBe('offline'));
    server.weather = () => null;
    p.edit(row, wish && { ...row, label_class: 3 });
    await settled(p);
    expect(live()).toMatchObject(wish ? [{ id: row.id, label_class: 3, version: 2 }] : []);
    expect(p.store.annotations.masks.size).toBe(live().length);
    expect(p.store.session.get().notices).toEqual([]);
  }
});

test('shape here and class there become one mask', async () => {
  const p = page();
  const row = mask();
  p.edit(null, row);
  await settled(p);
  server.change(row.id, { label_class: 5 });
  p.edit(row, { ...row, ...square(0, 30, 6) });
  await settled(p);
  expect(live()).toMatchObject([{ id: row.id, label_class: 5, bbox: [0, 30, 6, 6], version: 3 }]);
  expect(p.store.annotations.masks.get(row.id)).toMatchObject({ label_class: 5, bbox: [0, 30, 6, 6] });
  expect(p.store.session.get().notices).toEqual([]);
});

test('two shapes are both kept: theirs in its place, mine as a copy that says so', async () => {
  const p = page();
  p.store.session.set({ user: { id: 5, name: 'me' } });
  const row = mask();
  p.edit(null, row);
  await settled(p);
  server.change(row.id, square(0, 40, 5));
  p.edit(row, { ...row, ...square(0, 30, 6) });
  await settled(p);
  expect(live()).toMatchObject([
    { id: row.id, bbox: [0, 40, 5, 5], version: 2 },
    { bbox: [0, 30, 6, 6], conflict_with: row.id },
  ]);
  expect([...p.store.annotations.masks.values()].map(({ bbox, author }) => [bbox[1], author])).toEqual([[40, 1], [30, 5]]);
  expect(p.store.session.get().notices).toMatchObject([{ kind: 'warn' }]);
});

test.each([['retry', 9], ['discardRefused', 5]])('two classes wait for a decision: %s', async (decide, label_class) => {
  const p = page();
  const row = mask();
  p.edit(null, row);
  await settled(p);
  server.change(row.id, { label_class: 5 });
  p.edit(row, { ...row, label_class: 9 });
  await vi.waitFor(() => expect(p.save()).toMatchObject({ state: 'refused', refused: 1 }));
  expect(live()).toMatchObject([{ label_class: 5 }]);
  expect(await journal.entries()).toHaveLength(1);
  await p.autosave[decide]();
  await settled(p);
  expect(live()).toMatchObject([{ id: row.id, label_class }]);
  expect(p.store.annotations.masks.get(row.id)).toMatchObject({ label_class });
});

test('a repeat that comes after someone else went on from it is no conflict', async () => {
  const p = page();
  const row = mask();
  let answers = 0;
  server.weather = (moment) => (moment === 'answer' && ++answers === 1 ? offline() : null);
  p.edit(null, row);
  await vi.waitFor(() => expect(p.save().state).toBe('offline'));
  server.change(row.id, square(0, 40, 5));
  await p.autosave.retry();
  await settled(p);
  expect(live()).toMatchObject([{ id: row.id, bbox: [0, 40, 5, 5], version: 2 }]);
  expect(p.store.annotations.masks.get(row.id)?.bbox).toEqual([0, 40, 5, 5]);
  expect(p.store.session.get().notices).toEqual([]);
});

test('a mask that someone else deleted is restored by a change of it', async () => {
  const p = page();
  const row = mask();
  p.edit(null, row);
  await settled(p);
  server.remove(row.id);
  p.edit(row, { ...row, label_class: 9 });
  await settled(p);
  expect(live()).toMatchObject([{ id: row.id, label_class: 9 }]);
});

test('a deletion does not destroy what someone else has changed since', async () => {
  const p = page();
  const row = mask();
  p.edit(null, row);
  await settled(p);
  server.change(row.id, { label_class: 5 });
  p.edit(row, null);
  await settled(p);
  expect(live()).toHaveLength(1);
  expect(p.store.annotations.masks.get(row.id)).toMatchObject({ label_class: 5 });
  expect(p.store.session.get().notices[0].text).toContain('it was kept');
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
  server.weather = () => new ApiError(400, { code: 'outside', detail: 'The mask lies outside the image.' });
  const bad = mask();
  p.edit(null, bad);
  await vi.waitFor(() => expect(p.save()).toMatchObject({ state: 'refused', refused: 1, waiting: 0 }));
  expect(p.store.session.get().notices[0].text).toContain('outside the image');
  expect(await journal.entries()).toHaveLength(1);

  server.weather = () => null;
  p.edit(null, mask());
  await vi.waitFor(() => expect(live()).toHaveLength(1));
  await p.autosave.discardRefused();
  expect(p.save().state).toBe('saved');
  expect(p.store.annotations.masks.has(bad.id)).toBe(false);
  await vi.waitFor(async () => expect(await journal.entries()).toEqual([]));
});

test('what a person did who was removed meanwhile is kept, and offered when they are back', async () => {
  const drawn = mask();
  const removed = page();
  removed.edit(null, drawn);
  await settled(removed);
  let member = false;
  const sees = async () => member;
  server.weather = (moment) =>
    moment === 'request' && !member ? new ApiError(404, { code: 'not_found', detail: 'No such thing.' }) : null;

  const p = page({ sees });
  p.autosave.merge(7, [...server.rows.values()]);
  p.edit(drawn, null);
  p.edit(null, mask());
  await vi.waitFor(() => expect(p.save()).toMatchObject({ state: 'refused', refused: 2, waiting: 0 }));
  expect(p.save().why).toContain('not a member');
  expect(p.store.session.get().notices.map(({ text }) => text).join()).toContain('not a member');
  expect(await journal.entries()).toHaveLength(2);

  member = true;
  const back = page({ sees });
  await back.autosave.replay();
  expect(back.save()).toMatchObject({ state: 'refused', refused: 2 });
  expect(live()).toHaveLength(1);
  await back.autosave.retry();
  await settled(back);
  expect(live()).toHaveLength(1);
  expect(live()[0].id).not.toBe(drawn.id);
  expect(await journal.entries()).toEqual([]);
});

test('a refused change is not let go while nobody can say what the server has', async () => {
  const p = page();
  const row = mask();
  p.edit(null, row);
  await settled(p);
  server.weather = () => new ApiError(400, { code: 'invalid', detail: 'No.' });
  p.edit(row, { ...row, label_class: 3 });
  await vi.waitFor(() => expect(p.save()).toMatchObject({ refused: 1 }));
  const { get } = server.api;
  server.api.get = async () => { throw offline(); };
  await p.autosave.discardRefused();
  expect(p.save()).toMatchObject({ state: 'refused', refused: 1 });
  expect(p.store.annotations.masks.get(row.id)?.label_class).toBe(3);
  server.api.get = get;
  await p.autosave.discardRefused();
  expect(p.save()).toMatchObject({ state: 'saved', refused: 0 });
  expect(p.store.annotations.masks.get(row.id)?.label_class).toBe(null);
});

test('being signed out keeps everything and says so', async () => {
  const p = page();
  server.weather = () => new ApiError(403, { code: 'not_authenticated', detail: 'Sign in.' });
  p.edit(null, mask());
  await vi.waitFor(() => expect(p.save()).toMatchObject({ state: 'signed_out', waiting: 1 }));
});

test('without a journal the page warns before it is left', async () => {
  server.weather = offline;
  const p = page({ journal: null });
  p.edit(null, mask());
  await vi.waitFor(() => expect(p.save()).toMatchObject({ state: 'offline', journal: false }));
  expect(p.autosave.atRisk).toBe(true);
});

test('the journal is written before the server is asked', async () => {
  const order = [];
  const p = page({
    journal: { ...journal, replace: async (...all) => (await journal.replace(...all), order.push('journal')) },
    masks: { ...server.api, put: async (...all) => (order.push('server'), server.api.put(...all)) },
  });
  p.edit(null, mask());
  await settled(p);
  expect(order.slice(0, 3)).toEqual(['journal', 'journal', 'server']);
});

test('a full disk is said, and does not stop the saving', async () => {
  server.weather = offline;
  let full = true;
  const p = page({
    journal: { ...journal, replace: (...all) => (full ? Promise.reject(new DOMException('', 'QuotaExceededError')) : journal.replace(...all)) },
  });
  p.edit(null, mask());
  p.edit(null, mask());
  await vi.waitFor(() => expect(p.save()).toMatchObject({ state: 'offline', journal: false }));
  expect(p.autosave.atRisk).toBe(true);
  full = false;
  await p.autosave.retry();
  await vi.waitFor(() => expect(p.autosave.atRisk).toBe(false));
  expect(await journal.entries()).toHaveLength(2);
  server.weather = () => null;
  await p.autosave.retry();
  await settled(p);
  expect(live()).toHaveLength(2);
});

test('one change that the server stumbles over does not hold up the others', async () => {
  const p = page();
  const bad = mask();
  server.weather = (moment) => (moment === 'request' && server.next === bad.id ? new ApiError(500, {}) : null);
  const { put } = server.api;
  server.api.put = (id, row) => ((server.next = id), put(id, row));
  p.edit(null, bad);
  p.edit(null, mask());
  p.edit(null, mask());
  await vi.advanceTimersByTimeAsync(1500);
  await vi.waitFor(() => expect(live()).toHaveLength(2));
  expect(p.save()).toMatchObject({ state: 'offline', waiting: 1 });
});

test('what others did is shown, but not over what this person does', async () => {
  const p = page();
  const [mine, theirs, refined] = [mask(), mask(), mask()];
  for (const row of [mine, theirs, refined]) p.edit(null, row);
  await settled(p);
  server.weather = offline;
  p.edit(mine, { ...mine, label_class: 4 });
  p.store.annotations.apply({ patches: [patchPending(null, /** @type {any} */ ({ id: refined.id }))], origin: 'local', cause: 'edit' });
  for (const { id } of [mine, theirs, refined]) server.change(id, { label_class: 8 });
  const added = { ...server.rows.get(theirs.id), id: 'added', version: 1 };
  p.autosave.receive(7, [...server.rows.values(), added]);
  const shown = () => [mine, theirs, refined, added].map(({ id }) => p.store.annotations.masks.get(id)?.label_class);
  expect(shown()).toEqual([4, 8, null, 8]);

  p.store.annotations.apply({ patches: [patchPending(/** @type {any} */ ({ id: refined.id }), null)], origin: 'local', cause: 'edit' });
  await vi.waitFor(() => expect(shown()).toEqual([4, 8, 8, 8]));
  p.autosave.receive(7, [{ ...added, deleted_at: 'now', version: 2 }]);
  expect(shown()).toEqual([4, 8, 8, undefined]);
  p.autosave.receive(7, [added]);
  expect(shown()).toEqual([4, 8, 8, undefined]);
});

test('what others did to a nucleus that is being refined does not follow to the next image', async () => {
  const p = page();
  const refined = mask();
  p.edit(null, refined);
  await settled(p);
  p.store.annotations.apply({ patches: [patchPending(null, /** @type {any} */ ({ id: refined.id }))], origin: 'local', cause: 'edit' });
  p.autosave.receive(7, [server.change(refined.id, { label_class: 8 })]);

  p.store.session.set({ image: /** @type {any} */ ({ ...p.store.session.get().image, id: 8 }) });
  p.store.annotations.load([], []);
  await Promise.resolve();
  expect(p.store.annotations.masks.size).toBe(0);

  p.store.session.set({ image: /** @type {any} */ ({ ...p.store.session.get().image, id: 7 }) });
  const [again] = p.autosave.merge(7, [server.rows.get(refined.id)]);
  expect(again).toMatchObject({ id: refined.id, label_class: 8 });
});

test('what is known of an image is forgotten when another one is opened', async () => {
  const p = page();
  const row = mask();
  p.edit(null, row);
  await settled(p);
  expect(p.autosave.knows(row.id, 1)).toBe(true);
  const image = p.store.session.get().image;
  p.autosave.receive(8, [{ ...server.rows.get(row.id), id: 'next' }]);
  p.store.session.set({ image: /** @type {any} */ ({ ...image, id: 8 }) });
  expect(p.autosave.knows(row.id, 1)).toBe(false);
  expect(p.autosave.knows('next', 1)).toBe(true);

  p.store.session.set({ image });
  p.autosave.merge(7, [server.rows.get(row.id)]);
  p.edit(row, null);
  await settled(p);
  expect(live()).toEqual([]);
});

test('a deleted mask does not come back with an answer that was on its way', async () => {
  const p = page();
  const row = mask();
  p.edit(null, row);
  await settled(p);
  const early = structuredClone(server.rows.get(row.id));
  p.edit(row, null);
  await settled(p);
  p.autosave.receive(7, [early]);
  expect(p.store.annotations.masks.size).toBe(0);
  expect(p.autosave.merge(7, [early])).toEqual([]);
});

test('a page that lives keeps its changes to itself, a dead one leaves them', async () => {
  server.weather = offline;
  const alive = new Set(['first']);
  const tabs = (id) => ({ id, claim: async (tab) => !alive.has(tab) });
  const first = page({ tabs: tabs('first') });
  first.edit(null, mask());
  await vi.waitFor(() => expect(first.save().state).toBe('offline'));
  const second = page({ tabs: tabs('second') });
  await second.autosave.replay();
  expect(second.save()).toMatchObject({ state: 'saved', waiting: 0 });
  alive.delete('first');
  await second.autosave.replay();
  expect(second.save()).toMatchObject({ waiting: 1 });
  expect(second.store.annotations.masks.size).toBe(1);
});

test('signed in as somebody else, nothing is saved and nothing lost', async () => {
  const p = page();
  server.weather = () => new ApiError(403, { code: 'other_account', detail: 'Someone else.' });
  p.edit(null, mask());
  await vi.waitFor(() => expect(p.save()).toMatchObject({ state: 'other_account', waiting: 1 }));
  server.weather = () => null;
  await p.autosave.retry();
  await settled(p);
});

test("one person's journal is not another's", async () => {
  server.weather = offline;
  const p = page();
  p.edit(null, mask());
  await vi.waitFor(() => expect(p.save().state).toBe('offline'));
  const other = await openJournal(user + 5000);
  expect(await other.entries()).toEqual([]);
});

test('what is done in one step goes in one request, without the shapes that the server has', async () => {
  const requests = [];
  const p = page({ masks: { ...server.api, batch: (image, writes) => (requests.push(writes), server.api.batch(image, writes)) } });
  const masks = Array.from({ length: 150 }, () => mask());
  const all = (change) => p.store.annotations.apply({ patches: masks.map(change), origin: 'local', cause: 'edit' });
  all((one) => patchMask(null, one));
  await settled(p);
  all((one) => patchMask(one, { ...one, label_class: 2 }));
  await settled(p);
  all((one) => patchMask({ ...one, label_class: 2 }, null));
  await settled(p);
  expect(requests.map((writes) => writes.length)).toEqual([100, 50, 100, 50, 100, 50]);
  expect(requests.map(([write]) => [write.version, 'counts' in write, write.delete])).toEqual([
    [0, true, undefined], [0, true, undefined], [1, false, undefined], [1, false, undefined], [2, false, true], [2, false, true],
  ]);
  expect(server.log.filter(({ verb }) => verb === 'put')).toHaveLength(300);
  expect(live()).toEqual([]);
});

test('a request that is refused as a whole is taken apart, to find the change at fault', async () => {
  const batch = vi.fn(async () => {
    throw new ApiError(400, { detail: 'Something in it is wrong.' });
  });
  const p = page({ masks: { ...server.api, batch } });
  const masks = [mask(), mask(), mask()];
  p.store.annotations.apply({ patches: masks.map((one) => patchMask(null, one)), origin: 'local', cause: 'edit' });
  await settled(p);
  expect(batch).toHaveBeenCalledOnce();
  expect(live()).toHaveLength(3);
});

test('of several in one request, one is refused and says why, one was changed by somebody, the others are saved', async () => {
  const p = page();
  const [ours, theirs, refused] = [mask(), mask(), mask()];
  for (const one of [ours, theirs, refused]) p.edit(null, one);
  await settled(p);
  server.change(theirs.id, { label_class: 9 });
  const { handle } = server;
  server.handle = (request) => {
    if (request.id === refused.id) throw new ApiError(400, { code: 'invalid', detail: 'The dataset has no such class.' });
    return handle(request);
  };
  p.store.annotations.apply({
    patches: [ours, theirs, refused].map((one) => patchMask(one, { ...one, ...square(40, 40, 9) })), origin: 'local', cause: 'edit',
  });
  await vi.waitFor(() => expect(p.save()).toMatchObject({ state: 'refused', refused: 1, why: 'The dataset has no such class.' }));
  expect(server.rows.get(ours.id)).toMatchObject({ bbox: square(40, 40, 9).bbox });
  expect(server.rows.get(theirs.id)).toMatchObject({ bbox: square(40, 40, 9).bbox, label_class: 9 });
});
