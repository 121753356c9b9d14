import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { decode, encode } from '../../src/geometry/rle.js';
import { patchMask } from '../../src/store/annotations.js';
import { accept, acceptProposals, answer, askFor } from '../../src/store/edits.js';
import { edit } from '../../src/store/edit.js';
import { activePending, select } from '../../src/store/focus.js';
import { move } from '../../src/store/operations.js';
import { createStore } from '../../src/store/store.js';
import { pixelsOf } from '../geometry/arbitrary_bitmap.js';
import { perform, steps } from './arbitrary_edits.js';
import { mask, openImage, square } from './masks.js';

const CASES = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../tests/overlap_cases.json'), 'utf8'),
);

let store;
beforeEach(() => {
  store = createStore();
  openImage(store);
});

/** @param {string[]} rows */
const drawing = (rows) => ({
  x: 0, y: 0, w: rows[0].length, h: rows.length, data: Uint8Array.from(rows.join(''), (mark) => (mark === '#' ? 1 : 0)),
});
const stored = () => new Map([...store.annotations.masks].map(([id, row]) => [id, pixelsOf(decode(row))]));
const put = (id, rows) => {
  const before = store.annotations.masks.get(id) ?? null;
  return edit(store, [patchMask(before, { ...(before ?? mask({ id })), ...encode(drawing(rows)) })]);
};

test.each(CASES.map((one) => [one.name, one]))('browser and server agree: %s', (_, one) => {
  for (const [id, rows] of Object.entries(one.before)) put(id, rows);
  store.history.clear();
  const before = new Map(store.annotations.masks);
  store.session.set({ overlapRule: one.rule });
  const [[id, rows]] = Object.entries(one.write);
  expect(put(id, rows)).toBe(!one.refused);
  const wanted = Object.entries(one.after).map(([name, after]) => [name, pixelsOf(drawing(after))]);
  expect(stored()).toEqual(new Map(wanted));
  expect(store.session.get().notices).toHaveLength(one.refused ? 1 : 0);
  store.history.undo();
  expect(new Set(store.annotations.masks.values())).toEqual(new Set(before.values()));
});

test.each(['newer_yields', 'newer_wins'])('%s: no two masks ever share a pixel, and undo finds the way back', (rule) => {
  fc.assert(
    fc.property(fc.array(steps, { minLength: 1, maxLength: 14 }), (made) => {
      store = createStore();
      openImage(store);
      store.session.set({ overlapRule: rule });
      for (const one of made) {
        perform(store, one);
        const owned = [...stored().values()].flatMap((pixels) => [...pixels]);
        expect(new Set(owned).size).toBe(owned.length);
      }
      while (store.history.undo());
      expect(store.annotations.masks.size).toBe(0);
    }),
    { numRuns: 150 },
  );
});

describe('what a person is doing', () => {
  test('masks that move together do not get in each other’s way', () => {
    store.session.set({ overlapRule: 'newer_yields' });
    const rows = [mask(square(10, 10, 6)), mask(square(16, 10, 6))];
    store.annotations.apply({ patches: rows.map((row) => patchMask(null, row)), origin: 'remote', cause: 'edit' });
    select(store, rows.map(({ id }) => id));
    move(store, 4, 0);
    expect([...store.annotations.masks.values()].map(({ area }) => area)).toEqual([36, 36]);
  });

  test('a pending mask that others cover stays pending', () => {
    store.session.set({ overlapRule: 'newer_yields' });
    store.annotations.apply({ patches: [patchMask(null, mask(square(10, 10, 9)))], origin: 'remote', cause: 'edit' });
    askFor(store, { x: 12, y: 12 });
    answer(store, activePending(store).promptId, { shape: square(11, 11, 4), score: 1, error: '' }, true);
    expect(accept(store, [activePending(store)])).toBe(false);
    expect(store.annotations.pendings.size).toBe(1);
    expect(store.session.get().notices[0].text).toContain('must not overlap');
  });

  test('of many proposals those that are free are accepted, and the rest is told', () => {
    store.session.set({ overlapRule: 'newer_yields' });
    store.annotations.apply({ patches: [patchMask(null, mask(square(10, 10, 9)))], origin: 'remote', cause: 'edit' });
    const offers = [square(11, 11, 4), square(40, 10, 4)].map((shape) => ({ ...shape, score: 1 }));
    expect(acceptProposals(store, offers)).toBe(true);
    expect(store.annotations.masks.size).toBe(2);
    expect(store.session.get().notices[0].text).toContain('1 was left out');
  });
});
