/** A reviewer compares the masks with what was handed in, and with what the model had said. */
import { expect, test, vi } from 'vitest';
import { createReviewing } from '../src/review.js';
import { watchComparison } from '../src/comparison.js';
import { createStore } from '../src/store/store.js';
import { mask } from './store/masks.js';

/**
 * @param {{submitted?: number | null, prediction?: string | null, proposed?: string[]}} there
 * @returns {() => Promise<string>} compares with the next set, and tells which
 */
function reviewed({ submitted = null, prediction = null, proposed = [] }) {
  const store = createStore();
  const events = submitted === null ? [] : [{ id: submitted, data: { move: 'submit' } }];
  const timeline = { page: async () => ({ events, next: null }), masks: async () => ({ masks: [], next: null }) };
  const images = {
    proposalSets: async () => proposed.map((prompt) => ({ prompt, checkpoint: 5, name: 'Base' })),
    modelAnswers: async () => ({ masks: [], next: null }),
  };
  const prompts = { get: async () => ({ proposals: [] }), proposals: vi.fn() };
  const compared = watchComparison(/** @type {any} */ ({ store, images, timeline, prompts }));
  const { cycleDiff } = createReviewing(/** @type {any} */ ({ store, timeline, compared, api: { ofImage: async () => [] } }));
  store.session.set({ image: /** @type {any} */ ({ id: 3, authors: [] }) });
  store.annotations.load([mask({ id: 'a', prediction })], []);
  return async () => {
    await cycleDiff();
    const { mode, right } = store.comparison.get();
    return mode === 'off' ? 'off' : right;
  };
}

test('as submitted, as the model answered, as it proposed, alone, and so on', async () => {
  const next = reviewed({ submitted: 9, prediction: 'p', proposed: ['newest', 'older'] });
  const seen = [];
  for (let k = 0; k < 5; k++) seen.push(await next());
  expect(seen).toEqual(['event:9', 'answered', 'prompt:newest', 'off', 'event:9']);
});

test('the model’s side is there where nobody had anything compared yet, nor submitted', async () => {
  const clicked = reviewed({ prediction: 'p' });
  expect([await clicked(), await clicked()]).toEqual(['answered', 'off']);
  const drawn = reviewed({ proposed: ['newest'] });
  expect([await drawn(), await drawn()]).toEqual(['prompt:newest', 'off']);
});

test('where there is nothing to compare with, nothing is compared', async () => {
  expect(await reviewed({})()).toBe('off');
});
