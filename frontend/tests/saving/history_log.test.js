import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';
import { openJournal } from '../../src/journal.js';
import { createHistoryLog } from '../../src/saving/history_log.js';
import { patchMask } from '../../src/store/annotations.js';
import { createStore } from '../../src/store/store.js';
import { mask, openImage } from '../store/masks.js';

const edit = (store, ...patches) => store.annotations.apply({ patches, origin: 'local', cause: 'edit' });

test('undo goes on where it was before the reload', async () => {
  const journal = await openJournal(1);
  const before = createStore();
  openImage(before);
  const log = createHistoryLog({ store: before, journal });
  const rows = [mask(), mask()];
  for (const row of rows) edit(before, patchMask(null, row));
  before.history.undo();
  await log.recall(7);

  const after = createStore();
  openImage(after);
  after.annotations.load([...before.annotations.masks.values()], []);
  after.history.clear(await createHistoryLog({ store: after, journal }).recall(7));
  after.history.redo();
  expect([...after.annotations.masks.keys()]).toEqual(rows.map(({ id }) => id));
  after.history.undo();
  after.history.undo();
  expect(after.annotations.masks.size).toBe(0);
  expect(after.history.canUndo).toBe(false);
});

test('it is bounded, forgets, and is one person’s', async () => {
  const journal = await openJournal(2);
  const store = createStore();
  openImage(store);
  const log = createHistoryLog({ store, journal });
  for (let k = 0; k < 30; k++) edit(store, ...Array.from({ length: 20 }, () => patchMask(null, mask())));
  const steps = await log.recall(7);
  expect(steps?.done).toHaveLength(20);
  expect(steps?.done.at(-1)).toEqual(store.history.steps.done.at(-1));
  expect(await createHistoryLog({ store, journal: await openJournal(3) }).recall(7)).toBeUndefined();
  vi.setSystemTime(Date.now() + 2 * 3600_000);
  expect(await createHistoryLog({ store, journal }).recall(7)).toBeUndefined();
  vi.useRealTimers();
});

test('what is too old leaves the device, for this person and every image', async () => {
  const [mine, theirs] = [await openJournal(4), await openJournal(5)];
  const steps = { done: [], undone: [] };
  await mine.putHistory(1, { ...steps, at: Date.now() - 2 * 3600_000 });
  await mine.putHistory(2, { ...steps, at: Date.now() });
  await theirs.putHistory(1, { ...steps, at: Date.now() - 2 * 3600_000 });
  createHistoryLog({ store: createStore(), journal: mine });
  await vi.waitFor(async () => expect(await mine.history(1)).toBeUndefined());
  expect(await mine.history(2)).toMatchObject(steps);
  expect(await theirs.history(1)).toMatchObject(steps);
});
