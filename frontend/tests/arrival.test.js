import fc from 'fast-check';
import { beforeEach, expect, test, vi } from 'vitest';
import { createArrival } from '../src/arrival.js';
import { ApiError } from '../src/api/client.js';
import { patchMask } from '../src/store/annotations.js';
import { isArriving } from '../src/store/session.js';
import { createStore } from '../src/store/store.js';
import { mask, square } from './store/masks.js';

const IMAGE = /** @type {any} */ ({ id: 7, width: 1000, height: 1000, mask_count: 2000 });

let store, autosave, arrival, requests;

beforeEach(() => {
  store = createStore();
  store.session.set({ phase: 'ready', role: 'annotator', image: IMAGE });
  store.view.set({ screen: { width: 100, height: 100 }, viewport: { scale: 1, tx: -900, ty: -900 } });
  autosave = { merge: vi.fn((_image, rows) => rows) };
  requests = [];
});

/** What the server has; `page` answers when the test says so, or at once. */
function serve(rows, { size = 100, manual = false, fail = /** @type {unknown[]} */ ([]) } = {}) {
  const meets = ([x, y, w, h], box) => x < box[0] + box[2] && y < box[1] + box[3] && x + w > box[0] && y + h > box[1];
  const page = (_image, { box, next }) => {
    const error = fail.shift();
    if (error) return Promise.reject(error);
    const from = next ? Number(next) : 0;
    const found = rows().filter(({ bbox }) => meets(bbox, box));
    const more = from + size < found.length;
    const answer = { results: found.slice(from, from + size), next: more ? String(from + size) : null };
    if (!manual) return Promise.resolve(answer);
    return new Promise((resolve) => requests.push({ box, answer: () => resolve(answer) }));
  };
  arrival = createArrival({ store, masks: /** @type {any} */ ({ page }), autosave, pause: async () => {} });
}

const row = (x, y, fields = {}) => ({ ...mask(), ...square(x, y, 6), version: 1, ...fields });
const field = (count) => Array.from({ length: count }, (_, k) => row((k * 37) % 990, (k * 53) % 990));
const follow = (first = { results: [], next: 'more' }) => arrival.follow(IMAGE, /** @type {any} */ (first));
const flush = () => new Promise((resolve) => setTimeout(resolve));

test('every mask arrives, each once, though they lie in several parts', async () => {
  const rows = field(2000);
  serve(() => rows);
  const added = [];
  store.annotations.on(({ patches }) => added.push(...patches.map(({ id }) => id)));
  expect(await follow()).toBe(true);
  expect(store.annotations.masks.size).toBe(2000);
  expect(added).toHaveLength(2000);
  expect(store.session.get().arriving).toBeNull();
});

test('an image whose masks fit the first page needs no portions', async () => {
  serve(() => [], { manual: true });
  expect(await follow({ results: [row(1, 1)], next: null })).toBe(true);
  expect(requests).toHaveLength(0);
});

test('what is in view is asked for first, and the view of now counts', async () => {
  serve(() => [], { manual: true });
  void follow();
  expect(requests[0].box[0] + requests[0].box[2]).toBe(1000);
  expect(requests[0].box[1] + requests[0].box[3]).toBe(1000);
  store.view.set({ viewport: { scale: 1, tx: 0, ty: 0 } });
  requests[0].answer();
  await flush();
  expect(requests[2].box.slice(0, 2)).toEqual([0, 0]);
});

test('a place is known to be incomplete until its portion is here', async () => {
  serve(() => [], { manual: true });
  void follow();
  const inFirst = { x: 999, y: 999 };
  expect(isArriving(store.session.get(), inFirst)).toBe(true);
  requests[0].answer();
  await flush();
  expect(isArriving(store.session.get(), inFirst)).toBe(false);
  expect(isArriving(store.session.get(), { x: 1, y: 1 })).toBe(true);
});

test('a portion never undoes what the person did meanwhile', async () => {
  const [edited, deleted] = [row(940, 940), row(960, 960)];
  serve(() => [edited, deleted], { manual: true });
  const done = follow({ results: [edited, deleted], next: 'more' });
  store.annotations.apply({ patches: [edited, deleted].map((m) => patchMask(null, m)), origin: 'remote', cause: 'edit' });
  const mine = { ...edited, ...square(940, 940, 3) };
  store.annotations.apply({ patches: [patchMask(edited, mine), patchMask(deleted, null)], origin: 'local', cause: 'edit' });
  while (store.session.get().arriving) {
    requests.splice(0).forEach(({ answer }) => answer());
    await flush();
  }
  await done;
  expect([...store.annotations.masks.values()]).toEqual([mine]);
  expect(autosave.merge.mock.calls.flatMap(([, rows]) => rows)).toEqual([]);
});

test('an unsaved change of an earlier visit stays on top of the portion that brings its mask', async () => {
  const theirs = row(950, 950, { version: 4 });
  const wish = { ...theirs, ...square(950, 950, 2) };
  autosave.merge = vi.fn((_image, rows) => [...rows.filter(({ id }) => id !== wish.id), wish]);
  store.annotations.apply({ patches: [patchMask(null, wish)], origin: 'remote', cause: 'edit' });
  serve(() => [theirs]);
  await follow();
  expect(store.annotations.masks.get(wish.id)).toBe(wish);
  expect(autosave.merge.mock.calls[0][1]).toEqual([theirs]);
});

test('after any edits between portions the page holds the server’s masks with the edits on top', async () => {
  const step = fc.record({ at: fc.nat(59), kind: fc.constantFrom('edit', 'delete', 'add', 'answer') });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      store = createStore();
      store.session.set({ phase: 'ready', role: 'annotator', image: IMAGE });
      requests = [];
      const rows = field(60);
      serve(() => rows, { size: 7, manual: true });
      const expected = new Map(rows.map((one) => [one.id, one]));
      const done = arrival.follow(IMAGE, { results: [], next: 'more' });
      for (const { at, kind } of steps) {
        const here = [...store.annotations.masks.values()];
        const before = here[at % Math.max(here.length, 1)] ?? null;
        if (kind === 'answer') {
          requests.shift()?.answer();
          await flush();
        } else if (kind === 'add' || before) {
          const after = kind === 'delete' ? null : kind === 'add' ? mask() : { ...before, label_class: at };
          const patch = patchMask(kind === 'add' ? null : before, after);
          store.annotations.apply({ patches: [patch], origin: 'local', cause: 'edit' });
          if (after) expected.set(patch.id, after);
          else expected.delete(patch.id);
        }
      }
      while (store.session.get().arriving) {
        requests.splice(0).forEach(({ answer }) => answer());
        await flush();
      }
      await done;
      expect(new Map(store.annotations.masks)).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});

test('portions of an image that was left come to nothing', async () => {
  serve(() => field(50), { manual: true });
  const done = follow();
  arrival.stop();
  requests.forEach(({ answer }) => answer());
  expect(await done).toBe(false);
  expect(store.annotations.masks.size).toBe(0);
});

test('without an answer a portion is asked for again', async () => {
  const rows = field(30);
  serve(() => rows, { fail: [new ApiError(0, {}), new ApiError(503, {}), new ApiError(0, {})] });
  expect(await follow()).toBe(true);
  expect(store.annotations.masks.size).toBe(30);
});

test('a refusal is told, and the page goes on knowing that masks are missing', async () => {
  serve(() => [], { fail: [new ApiError(403, { detail: 'You have left the dataset.' })] });
  expect(await follow()).toBe(false);
  expect(store.session.get().notices[0].text).toContain('You have left the dataset.');
  expect(isArriving(store.session.get(), { x: 5, y: 5 })).toBe(true);
});
