/**
 * Two people on one image, a network that fails at every step, and pages that are killed: whatever
 * happens, no work is lost and none is there twice.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../../src/api/client.js';
import { createAutosave } from '../../src/autosave.js';
import { patchMask } from '../../src/store/annotations.js';
import { sameMask } from '../../src/store/merge.js';
import { createStore } from '../../src/store/store.js';
import { openImage, square } from '../store/masks.js';
import { fakeServer, offline } from './server.js';

const IMAGE = 7;
/** Hundreds of histories take their time on a busy machine. */
const PATIENCE = 60_000;
const never = () => new Promise(() => {});
const turns = async (count) => {
  for (let k = 0; k < count; k++) await null;
};

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

/** What outlives a page: written in one piece or not at all. */
function device() {
  const rows = new Map();
  return { rows, entries: async () => [...rows.values()].sort((a, b) => a.at - b.at) };
}

/** @param {{server: any, disk: any, user: number, tab: string, work: any}} parts */
async function openPage({ server, disk, user, tab, work }) {
  let alive = true;
  const store = createStore();
  openImage(store);
  const journal = {
    entries: () => disk.entries(),
    async replace(gone, put) {
      await turns(3);
      if (!alive) return never();
      for (const { revision } of gone) disk.rows.delete(revision);
      for (const entry of put) disk.rows.set(entry.revision, structuredClone(entry));
      await turns(1);
    },
  };
  const guarded = (call) => async (...all) => {
    if (!alive) return never();
    const answer = await call(...all).catch((error) => ({ error }));
    if (!alive) return never();
    if (answer?.error) throw answer.error;
    return answer;
  };
  const { put, delete: remove, batch, get } = server.api;
  const masks = { put: guarded(put), delete: guarded(remove), batch: guarded(batch), get: guarded(get) };
  const autosave = createAutosave({ store, journal, masks, user, tabs: { id: tab, claim: async () => true } });
  await autosave.replay();
  store.annotations.load(autosave.merge(IMAGE, server.live), []);
  store.annotations.on(({ patches, origin }) => {
    if (origin === 'local') for (const patch of patches) work.note(user, patch);
  });
  const local = (before, after) => store.annotations.apply({ patches: [patchMask(before, after)], origin: 'local', cause: 'edit' });
  return {
    store,
    autosave,
    local,
    look: () => autosave.receive(IMAGE, [...server.rows.values()].map((row) => structuredClone(row))),
    /** A killed tab does nothing more; what it has on its way may still arrive. */
    kill: () => void (alive = false),
  };
}

/** Which shapes people made, and which of them somebody who saw them replaced or deleted. */
function ledger() {
  const made = new Set();
  /** @type {Map<string, Set<number>>} shape → who took it away and did not bring it back */
  const replaced = new Map();
  const shape = (mask) => mask && mask.bbox.join();
  return {
    note(user, { before, after }) {
      if (shape(before) === shape(after)) return;
      if (before) replaced.set(shape(before), (replaced.get(shape(before)) ?? new Set()).add(user));
      if (!after) return;
      made.add(shape(after));
      replaced.get(shape(after))?.delete(user);
    },
    /** @param {any[]} live */
    check(live) {
      const there = live.map(shape);
      expect(new Set(there).size, 'nothing is there twice').toBe(there.length);
      for (const one of made) if (!replaced.get(one)?.size) expect(there, 'nothing is lost').toContain(one);
      for (const one of there) expect([...made], 'nothing comes from nowhere').toContain(one);
    },
  };
}

const who = fc.nat(1);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('create'), who }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('reshape'), who, which: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('classify'), who, which: fc.nat(2), to: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete'), who, which: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('undo', 'redo'), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait'), turns: fc.nat(60) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('look', 'retry'), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill'), who, turns: fc.nat(12) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('repeat'), which: fc.nat(30) }) },
);
/** What becomes of a request, one after the other, and of its answer. */
const weather = fc.array(fc.constantFrom('fine', 'fine', 'fine', 'lost', 'broken'), { maxLength: 40 });

/** @param {any[]} steps @param {string[]} moments @param {number} people */
async function run(steps, moments, people) {
  const server = fakeServer();
  const work = ledger();
  const requests = [];
  const { handle } = server;
  server.handle = (request) => (requests.push(structuredClone(request)), handle(request));
  const queue = [...moments];
  server.weather = () => {
    const moment = queue.shift() ?? 'fine';
    return moment === 'lost' ? offline() : moment === 'broken' ? new ApiError(502, {}) : null;
  };
  const disks = [device(), device()];
  const pages = [];
  let tabs = 0;
  const open = (user) => openPage({ server, disk: disks[user], user, tab: `tab-${++tabs}`, work });
  let shapes = 0;
  const fresh = () => square((++shapes % 50) * 3, Math.floor(shapes / 50) * 3, 2);
  for (let k = 0; k < 2; k++) {
    const row = { ...fresh(), id: crypto.randomUUID(), image: IMAGE, label_class: null, origin: 'drawn', prediction: null, score: null };
    server.handle({ verb: 'put', id: row.id, version: 0, row });
    work.note(-1, { before: null, after: row });
  }
  for (let user = 0; user < people; user++) pages[user] = await open(user);

  for (const action of steps) {
    const user = (action.who ?? 0) % people;
    const page = pages[user];
    const rows = [...page.store.annotations.masks.values()];
    const row = rows.length ? rows[action.which % rows.length] : null;
    switch (action.do) {
      case 'create':
        page.local(null, { ...fresh(), id: crypto.randomUUID(), label_class: null, origin: 'drawn', prediction: null, score: null, author: null });
        break;
      case 'reshape':
        if (row) page.local(row, { ...row, ...fresh() });
        break;
      case 'classify':
        if (row && row.label_class !== action.to) page.local(row, { ...row, label_class: action.to });
        break;
      case 'delete':
        if (row) page.local(row, null);
        break;
      case 'undo':
      case 'redo':
        page.store.history[action.do]();
        break;
      case 'wait':
        await turns(action.turns);
        break;
      case 'look':
        page.look();
        break;
      case 'retry':
        void page.autosave.retry();
        break;
      case 'kill':
        // What a person did a moment ago is written by now; a machine is not that fast.
        await turns(4 + action.turns);
        page.kill();
        pages[user] = await open(user);
        break;
      case 'repeat':
        if (requests.length) {
          try {
            handle(requests[action.which % requests.length]);
          } catch {
            // Nobody waits for the answer.
          }
        }
    }
  }

  queue.length = 0;
  for (let round = 0; round < 8; round++) {
    for (const page of pages) {
      await page.autosave.retry();
      await turns(20);
      page.look();
    }
  }
  for (const page of pages) {
    expect(page.store.session.get().save).toMatchObject({ state: 'saved', waiting: 0, refused: 0 });
    const shown = page.store.annotations.masks;
    expect([...shown.keys()].sort()).toEqual(server.live.map(({ id }) => id).sort());
    for (const mask of server.live) expect(sameMask(shown.get(mask.id), mask), 'the page shows what is saved').toBe(true);
  }
  for (const disk of disks) expect(disk.rows.size).toBe(0);
  work.check(server.live);
  return server;
}

test('one person: the server has exactly what the page shows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), weather, async (steps, moments) => {
      const server = await run(steps, moments, 1);
      expect(server.live.filter((row) => row.conflict_with), 'nobody is in conflict with themselves').toEqual([]);
    }),
    { numRuns: 200 },
  );
}, PATIENCE);

test('two people: what either did is there, unless somebody saw it and changed it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), weather, async (steps, moments) => void (await run(steps, moments, 2))),
    { numRuns: 200 },
  );
}, PATIENCE);
