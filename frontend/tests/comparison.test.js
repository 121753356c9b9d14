import { expect, test, vi } from 'vitest';
import { watchComparison } from '../src/comparison.js';
import { patchMask } from '../src/store/annotations.js';
import { NOW, OPENED } from '../src/store/comparison.js';
import { createStore } from '../src/store/store.js';
import { mask } from './store/masks.js';

/** @param {string} id @param {object} [fields] */
const named = (id, fields) => mask({ id, ...fields });

/** @type {any} */
const IMAGE = { id: 3, authors: [] };
const ADA = { id: 1, name: 'Ada' };
const BEN = { id: 2, name: 'Ben' };

function watched() {
  const store = createStore();
  const images = {
    proposalSets: vi.fn(async () => [{ prompt: 'p1', checkpoint: 5, name: 'Base' }]),
    modelAnswers: vi.fn(async (_image, after) => after
      ? { masks: [mask({ id: 'gone' })], next: null }
      : { masks: [mask({ id: 'a', area: 3 })], next: 'a' }),
  };
  const proposals = [0.9, 0.2].map((score, k) => ({ ...mask({ id: `x${k}` }), score }));
  const prompts = {
    get: vi.fn(async () => /** @type {any} */ ({ proposals: proposals.slice(0, 1), more_proposals: 1 })),
    proposals: vi.fn(async () => ({ proposals: proposals.slice(1), more_proposals: null })),
  };
  watchComparison({ store, images, prompts });
  store.session.set({ image: IMAGE, authors: [ADA, BEN] });
  store.annotations.load([named('a', { author: 1 }), named('b', { author: 2 })], []);
  return { store, images, prompts };
}

/** @param {import('../src/store/store.js').Store} store @param {'left' | 'right'} side */
const ids = (store, side) => store.comparison.get().rows[side]?.map(({ id }) => id).sort() ?? null;

test('the left side is the stage itself, the right one the masks as they came', () => {
  const { store } = watched();
  const [a] = store.annotations.masks.values();
  store.comparison.set({ mode: 'swipe' });
  store.annotations.apply({ patches: [patchMask(a, null), patchMask(null, named('c'))], origin: 'local', cause: 'edit' });
  expect(ids(store, 'left')).toBeNull();
  expect(ids(store, 'right')).toEqual(['a', 'b']);
});

test('what others did meanwhile, and portions that arrive late, count as being there', () => {
  const { store } = watched();
  store.annotations.apply({ patches: [patchMask(null, named('late'))], origin: 'remote', cause: 'edit' });
  store.comparison.set({ mode: 'side' });
  expect(ids(store, 'right')).toEqual(['a', 'b', 'late']);
});

test('two people are compared by whose masks are whose', () => {
  const { store } = watched();
  store.comparison.set({ mode: 'side', left: 'author:1', right: 'author:2' });
  expect([ids(store, 'left'), ids(store, 'right')]).toEqual([['a'], ['b']]);
  expect(store.comparison.get().sets.map(({ label }) => label)).toContain('Masks by Ada');
});

test('a checkpoint’s proposals are fetched whole, once, and follow the least score', async () => {
  const { store, prompts } = watched();
  store.view.set({ minScore: 0.1 });
  store.comparison.set({ mode: 'swipe', right: 'prompt:p1' });
  expect(store.comparison.get().state).toBe('loading');
  await vi.waitFor(() => expect(store.comparison.get().state).toBe('ready'));
  expect(store.comparison.get().rows.right).toHaveLength(2);
  store.view.set({ minScore: 0.5 });
  expect(store.comparison.get().rows.right).toHaveLength(1);
  store.comparison.set({ right: OPENED });
  store.comparison.set({ right: 'prompt:p1' });
  await vi.waitFor(() => expect(store.comparison.get().state).toBe('ready'));
  expect(prompts.get).toHaveBeenCalledTimes(1);
});

test('what the model had answered is offered where masks came of it, for those that are still there', async () => {
  const { store } = watched();
  store.comparison.set({ mode: 'swipe' });
  expect(store.comparison.get().sets.map(({ id }) => id)).not.toContain('answered');
  const [a] = store.annotations.masks.values();
  store.annotations.apply({ patches: [patchMask(a, { ...a, prediction: 'p' })], origin: 'local', cause: 'edit' });
  expect(store.comparison.get().sets.map(({ id }) => id)).toContain('answered');
  store.comparison.set({ right: 'answered' });
  await vi.waitFor(() => expect(store.comparison.get().state).toBe('ready'));
  expect(store.comparison.get().rows.right).toMatchObject([{ id: 'a', area: 3 }]);
});

test('when a set does not come this is said, and choosing again tries again', async () => {
  const { store, images } = watched();
  images.proposalSets.mockRejectedValueOnce(new Error('offline'));
  store.comparison.set({ mode: 'swipe' });
  await vi.waitFor(() => expect(store.comparison.get().state).toBe('failed'));
  store.comparison.set({ mode: 'side' });
  await vi.waitFor(() => expect(store.comparison.get().sets.map(({ id }) => id)).toContain('prompt:p1'));
  expect(store.comparison.get().state).toBe('ready');
});

test('another image ends the comparison and forgets its masks', () => {
  const { store } = watched();
  store.comparison.set({ mode: 'swipe', left: 'author:1' });
  store.session.set({ image: { ...IMAGE, id: 4 } });
  store.annotations.load([named('z')], []);
  expect(store.comparison.get()).toMatchObject({ mode: 'off', left: NOW });
  store.comparison.set({ mode: 'swipe' });
  expect(ids(store, 'right')).toEqual(['z']);
});
