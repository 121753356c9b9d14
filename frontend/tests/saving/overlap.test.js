import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiError } from '../../src/api/client.js';
import { createAutosave } from '../../src/autosave.js';
import { blank } from '../../src/geometry/bitmap.js';
import { decode, encode } from '../../src/geometry/rle.js';
import { patchMask } from '../../src/store/annotations.js';
import { createStore } from '../../src/store/store.js';
import { pixelsOf } from '../geometry/arbitrary_bitmap.js';
import { perform, steps } from '../store/arbitrary_edits.js';
import { mask, openImage, square } from '../store/masks.js';
import { fakeServer } from './server.js';

const AREA = { width: 200, height: 100 };

/** A server that keeps the rule write by write, as annotations/services/overlap.py does. */
function strictServer(rule) {
  const server = fakeServer();
  const { handle } = server;
  server.handle = (request) => {
    if (request.verb !== 'put') return handle(request);
    const others = server.live.filter(({ id }) => id !== request.id);
    const taken = new Set(others.flatMap((row) => [...pixelsOf(decode(row))]));
    const wanted = pixelsOf(decode(request.row));
    if (rule === 'newer_yields') {
      const left = shapeOf([...wanted].filter((pixel) => !taken.has(pixel)));
      if (!left) throw new ApiError(409, { code: 'overlap', detail: 'Masks must not overlap.' });
      return handle({ ...request, row: { ...request.row, ...left } });
    }
    const answer = handle(request);
    for (const other of others) {
      const before = [...pixelsOf(decode(other))];
      const after = before.filter((pixel) => !wanted.has(pixel));
      if (!after.length) server.remove(other.id);
      else if (after.length < before.length) server.change(other.id, shapeOf(after));
    }
    return answer;
  };
  return server;
}

/** @param {string[]} pixels "col,row" */
function shapeOf(pixels) {
  const bitmap = blank(0, 0, AREA.width, AREA.height);
  for (const pixel of pixels) {
    const [col, row] = pixel.split(',').map(Number);
    bitmap.data[row * AREA.width + col] = 1;
  }
  return encode(bitmap);
}

function page(server, rule) {
  const store = createStore();
  openImage(store);
  store.session.set({ overlapRule: rule });
  return { store, autosave: createAutosave({ store, journal: null, masks: server.api, user: 1 }) };
}
const shapes = (rows) => Object.fromEntries([...rows].map(({ id, bbox, counts }) => [id, `${bbox} ${counts}`]));

test.each(['newer_yields', 'newer_wins'])('%s: what one sees is what is saved, also after work without a network', async (rule) => {
  const network = fc.constantFrom({ do: 'offline' }, { do: 'online' });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof({ weight: 4, arbitrary: steps }, network), { minLength: 2, maxLength: 14 }), async (made) => {
      const server = strictServer(rule);
      const { store, autosave } = page(server, rule);
      const corrections = [];
      store.annotations.on((change) => change.origin === 'remote' && corrections.push(change));
      for (const one of [...made, { do: 'online' }]) {
        if (one.do === 'offline') server.weather = () => new ApiError(0, { detail: 'Offline.' });
        else if (one.do === 'online') {
          server.weather = () => null;
          await autosave.retry();
        } else perform(store, one);
        await autosave.settled();
      }
      await autosave.retry();
      expect(store.session.get().save).toMatchObject({ state: 'saved', waiting: 0, refused: 0 });
      expect(corrections).toEqual([]);
      expect(shapes(server.live)).toEqual(shapes(store.annotations.masks.values()));
    }),
    { numRuns: 60 },
  );
});

test('a mask that gave way on the server to somebody else’s is shown as it was saved', async () => {
  const server = strictServer('newer_yields');
  const { store, autosave } = page(server, 'newer_yields');
  server.rows.set('theirs', { ...mask({ ...square(14, 10, 6), id: 'theirs' }), version: 1, deleted_at: null });
  const mine = mask({ ...square(10, 10, 6), id: 'mine' });
  store.annotations.apply({ patches: [patchMask(null, mine)], origin: 'local', cause: 'edit' });
  await autosave.settled();
  expect(store.annotations.masks.get('mine')?.bbox).toEqual([10, 10, 4, 6]);
  expect(store.session.get().notices[0].text).toContain('gave way');
});

test('a mask of which nothing would be left is kept on the device, and the person is told why', async () => {
  const server = strictServer('newer_yields');
  const { store, autosave } = page(server, 'newer_yields');
  server.rows.set('theirs', { ...mask({ ...square(10, 10, 9), id: 'theirs' }), version: 1, deleted_at: null });
  store.annotations.apply({ patches: [patchMask(null, mask(square(11, 11, 4)))], origin: 'local', cause: 'edit' });
  await autosave.settled();
  expect(store.session.get().save).toMatchObject({ state: 'refused', refused: 1 });
  expect(store.annotations.masks.size).toBe(1);
});

test.each(['newer_yields', 'newer_wins'])('%s: no change overtakes one of a neighbour', async (rule) => {
  const server = strictServer(rule);
  const { store, autosave } = page(server, rule);
  const put = (before, shape) => {
    const after = { ...before, ...shape };
    store.annotations.apply({ patches: [patchMask(store.annotations.masks.get(before.id) ?? null, after)], origin: 'local', cause: 'edit' });
  };
  const [a, b, elsewhere] = [mask(), mask(), mask()];
  put(a, square(10, 10, 6));
  put(b, square(16, 10, 6));
  await autosave.settled();
  server.weather = () => new ApiError(0, { detail: 'Offline.' });
  put(elsewhere, square(90, 50, 6));
  put(a, square(40, 10, 6));
  put(b, square(12, 10, 9));
  put(a, square(50, 10, 6));
  await autosave.settled();
  server.weather = () => null;
  await autosave.retry();
  const wanted = [square(50, 10, 6), square(12, 10, 9), square(90, 50, 6)];
  expect(server.live.map(({ counts }) => counts)).toEqual(wanted.map(({ counts }) => counts));
  expect(server.live.map(({ bbox }) => bbox)).toEqual(wanted.map(({ bbox }) => bbox));
});
