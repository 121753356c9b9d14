import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { grow, shrink, smooth } from '../../src/geometry/morphology.js';
import { decode, encode } from '../../src/geometry/rle.js';
import { patchMask } from '../../src/store/annotations.js';
import { applyStroke, askFor, accept, acceptProposals, answer, deleteMasks } from '../../src/store/edits.js';
import { edit } from '../../src/store/edit.js';
import { activePending, select, selectedMasks } from '../../src/store/focus.js';
import { duplicate, merge, move, reshape } from '../../src/store/operations.js';
import { createStore } from '../../src/store/store.js';
import { pixelsOf } from '../geometry/arbitrary_bitmap.js';
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

const place = fc.record({ x: fc.integer({ min: 0, max: 24 }), y: fc.integer({ min: 0, max: 16 }) });
const step = fc.oneof(
  fc.record({ do: fc.constant('draw'), at: place, side: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constantFrom('brush', 'erase'), at: place, side: fc.integer({ min: 1, max: 6 }), which: fc.nat(9) }),
  fc.record({ do: fc.constantFrom('delete', 'duplicate', 'merge', 'grow', 'shrink', 'smooth'), which: fc.nat(9), also: fc.nat(9) }),
  fc.record({ do: fc.constant('move'), which: fc.nat(9), also: fc.nat(9), dx: fc.integer({ min: -9, max: 9 }), dy: fc.integer({ min: -9, max: 9 }) }),
  fc.record({ do: fc.constantFrom('undo', 'redo') }),
  fc.record({ do: fc.constant('proposals'), at: place, side: fc.integer({ min: 2, max: 7 }) }),
);
const OPERATIONS = { grow, shrink, smooth };

/** @param {any} one of the steps above */
function perform(one) {
  const rows = [...store.annotations.masks.values()];
  const [first, second] = [rows[one.which % rows.length], rows[one.also % rows.length]];
  const painted = one.at && decode(square(one.at.x, one.at.y, one.side));
  if (one.do === 'draw') return applyStroke(store, painted, false, null);
  if (one.do === 'undo' || one.do === 'redo') return store.history[one.do]();
  if (one.do === 'proposals') {
    const { x, y } = one.at;
    return acceptProposals(store, [square(x, y, one.side), square(x + 2, y, one.side)].map((shape) => ({ ...shape, score: 1 })));
  }
  if (!first) return;
  if (one.do === 'brush' || one.do === 'erase') return applyStroke(store, painted, one.do === 'erase', first.id);
  select(store, [first.id, ...(second ? [second.id] : [])]);
  if (one.do === 'delete') deleteMasks(store, selectedMasks(store));
  else if (one.do === 'move') move(store, one.dx, one.dy);
  else if (one.do === 'merge') merge(store);
  else if (one.do === 'duplicate') duplicate(store);
  else reshape(store, OPERATIONS[one.do]);
}

test.each(['newer_yields', 'newer_wins'])('%s: no two masks ever share a pixel, and undo finds the way back', (rule) => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => {
      store = createStore();
      openImage(store);
      store.session.set({ overlapRule: rule });
      for (const one of steps) {
        perform(one);
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
    expect(store.session.get().notices[0].text).toContain('1 were left out');
  });
});
