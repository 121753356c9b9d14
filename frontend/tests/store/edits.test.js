import { beforeEach, describe, expect, test } from 'vitest';
import { contains } from '../../src/geometry/hit_test.js';
import { decode } from '../../src/geometry/rle.js';
import { patchMask } from '../../src/store/annotations.js';
import {
  accept, acceptProposals, answer, applyStroke, askAgain, askFor, deleteMasks, refine, reject, setClass,
} from '../../src/store/edits.js';
import { activePending, focusOn, selectedMask } from '../../src/store/focus.js';
import { createStore } from '../../src/store/store.js';
import { mask, openImage, square } from './masks.js';

let store;
beforeEach(() => {
  store = createStore();
  openImage(store);
});

const masks = () => [...store.annotations.masks.values()];
const pendings = () => [...store.annotations.pendings.values()];
const filled = (x, y, side) => ({ x, y, w: side, h: side, data: new Uint8Array(side * side).fill(1) });
const answerLast = (shape, first = true) => {
  const { promptId } = activePending(store);
  answer(store, promptId, { shape, score: 0.9, error: '' }, first);
};
function add(fields) {
  const row = mask(fields);
  store.annotations.apply({ patches: [patchMask(null, row)], origin: 'remote', cause: 'edit' });
  return row;
}

describe('one click, one nucleus', () => {
  test('a click asks, the answer is pending, accepting makes a mask', () => {
    store.view.set({ currentClass: 3 });
    askFor(store, { x: 12, y: 11 });
    expect(activePending(store)).toMatchObject({ status: 'thinking', label_class: 3 });
    answerLast(square(10, 10, 4));
    const { promptId, id } = activePending(store);
    accept(store, [activePending(store)]);
    expect(pendings()).toEqual([]);
    expect(masks()).toMatchObject([
      { id, origin: 'accepted', prediction: promptId, score: 0.9, label_class: 3, bbox: [10, 10, 4, 4] },
    ]);
  });

  test('undo takes back the acceptance, then the click', () => {
    askFor(store, { x: 12, y: 11 });
    answerLast(square(10, 10, 4));
    accept(store, [activePending(store)]);
    store.history.undo();
    expect(masks()).toEqual([]);
    expect(pendings()).toMatchObject([{ status: 'ready' }]);
    store.history.undo();
    expect(pendings()).toEqual([]);
  });

  test('a second click leaves the first mask pending', () => {
    askFor(store, { x: 12, y: 11 });
    answerLast(square(10, 10, 4));
    askFor(store, { x: 52, y: 11 });
    expect(pendings().map((p) => p.status)).toEqual(['ready', 'thinking']);
    expect(masks()).toEqual([]);
  });

  test('after the latest is accepted, Enter is about the one before', () => {
    askFor(store, { x: 12, y: 11 });
    const first = activePending(store).id;
    answerLast(square(10, 10, 4));
    askFor(store, { x: 52, y: 11 });
    answerLast(square(50, 10, 4));
    accept(store, [activePending(store)]);
    expect(activePending(store).id).toBe(first);
  });

  test('an answer that finds nothing stays to be decided', () => {
    askFor(store, { x: 12, y: 11 });
    answerLast(null);
    expect(activePending(store).status).toBe('empty');
    expect(accept(store, [activePending(store)])).toBe(false);
  });

  test('a failure can be asked again under a new id', () => {
    askFor(store, { x: 12, y: 11 });
    const { promptId } = activePending(store);
    answer(store, promptId, { shape: null, score: null, error: 'Out of memory.' }, true);
    expect(activePending(store)).toMatchObject({ status: 'failed', error: 'Out of memory.' });
    askAgain(store, activePending(store));
    expect(activePending(store).status).toBe('thinking');
    expect(activePending(store).promptId).not.toBe(promptId);
  });
});

describe('fast mode', () => {
  beforeEach(() => store.view.set({ fastMode: true, minScore: 0.5 }));
  const ask = (x) => {
    askFor(store, { x, y: 11 });
    return activePending(store).promptId;
  };
  const come = (promptId, x, score, first = true) =>
    answer(store, promptId, { shape: square(x, 10, 4), score, error: '' }, first);

  test('one click is one accepted nucleus, and one undo takes it back', () => {
    come(ask(12), 10, 0.8);
    expect(masks()).toMatchObject([{ bbox: [10, 10, 4, 4], origin: 'accepted' }]);
    expect(pendings()).toEqual([]);
    store.history.undo();
    expect(masks()).toEqual([]);
    expect(pendings()).toEqual([]);
    expect(store.history.canUndo).toBe(false);
    store.history.redo();
    expect(masks()).toHaveLength(1);
    expect(pendings()).toEqual([]);
  });

  test('clicks are taken back last first, in whatever order their answers came', () => {
    const [first, second] = [ask(12), ask(52)];
    come(second, 50, 0.8);
    come(first, 10, 0.8);
    store.history.undo();
    expect(masks()).toMatchObject([{ bbox: [10, 10, 4, 4] }]);
    store.history.undo();
    expect(masks()).toEqual([]);
  });

  test('an unsure answer waits for the person, also while they go on', () => {
    come(ask(12), 10, 0.3);
    come(ask(52), 50, 0.8);
    expect(masks()).toMatchObject([{ bbox: [50, 10, 4, 4] }]);
    expect(pendings()).toMatchObject([{ status: 'ready', score: 0.3 }]);
  });

  test('a class given while the model thinks is kept', () => {
    const promptId = ask(12);
    setClass(store, 4);
    come(promptId, 10, 0.8);
    expect(masks()).toMatchObject([{ label_class: 4 }]);
    store.history.undo();
    expect(masks()).toEqual([]);
    expect(pendings()).toMatchObject([{ label_class: null }]);
  });

  test('refining a selected mask is accepted at once, too, and leaves it selected', () => {
    const { id } = add({ ...square(10, 10, 4) });
    focusOn(store, id);
    refine(store, { x: 15, y: 11 }, true);
    come(activePending(store).promptId, 10, 0.8);
    expect(pendings()).toEqual([]);
    expect(selectedMask(store)?.id).toBe(id);
  });

  test('an answer given again after an undo accepts nothing by itself', () => {
    come(ask(12), 10, 0.8, false);
    expect(masks()).toHaveLength(0);
  });
});

describe('refining', () => {
  test('all clicks are asked again under a new prompt, the mask stays in sight', () => {
    askFor(store, { x: 12, y: 11 });
    answerLast(square(10, 10, 4));
    const before = activePending(store);
    expect(refine(store, { x: 20, y: 11 }, false)).toBe(true);
    const after = activePending(store);
    expect(after.clicks.map((c) => c.positive)).toEqual([true, false]);
    expect(after.promptId).not.toBe(before.promptId);
    expect(after.shape).toEqual(before.shape);
    store.history.undo();
    expect(activePending(store)).toEqual(before);
  });

  test('an answer to the earlier clicks is too late', () => {
    askFor(store, { x: 12, y: 11 });
    const { promptId } = activePending(store);
    refine(store, { x: 20, y: 11 }, true);
    answer(store, promptId, { shape: square(10, 10, 4), score: 0.8, error: '' }, true);
    expect(activePending(store)).toMatchObject({ status: 'thinking', shape: null });
  });

  test('a selected mask is refined in place, and rejected without loss', () => {
    const row = add({ ...square(10, 10, 4) });
    focusOn(store, row.id);
    refine(store, { x: 11, y: 11 }, false);
    answerLast(square(10, 10, 3));
    reject(store, activePending(store));
    expect(masks()).toEqual([row]);
    expect(selectedMask(store)?.id).toBe(row.id);
    refine(store, { x: 11, y: 11 }, false);
    answerLast(square(10, 10, 3));
    accept(store, [activePending(store)]);
    expect(masks()).toMatchObject([{ id: row.id, origin: 'fixed', bbox: [10, 10, 3, 3] }]);
  });

  test('a refinement that finds nothing changes neither the mask nor where it comes from', () => {
    const row = add({ ...square(10, 10, 4), origin: 'imported', prediction: 'first' });
    focusOn(store, row.id);
    refine(store, { x: 11, y: 11 }, false);
    answerLast(null);
    accept(store, [activePending(store)]);
    expect(masks()).toEqual([row]);
  });

  test('a mask names the prompt that it came from, not the last one asked', () => {
    askFor(store, { x: 12, y: 11 });
    const { promptId } = activePending(store);
    answerLast(square(10, 10, 4));
    refine(store, { x: 20, y: 11 }, true);
    answerLast(null);
    accept(store, [activePending(store)]);
    expect(masks()).toMatchObject([{ origin: 'accepted', prediction: promptId, score: 0.9 }]);
  });

  test('there is nothing to refine without a mask', () => {
    expect(refine(store, { x: 1, y: 1 }, false)).toBe(false);
  });
});

describe('brush and eraser', () => {
  test('a stroke on empty ground draws a nucleus', () => {
    applyStroke(store, filled(5, 5, 6), false, null);
    expect(masks()).toMatchObject([{ origin: 'drawn', bbox: [5, 5, 6, 6], area: 36, prediction: null }]);
    expect(selectedMask(store)?.id).toBe(masks()[0].id);
  });

  test('each stroke is one step, and fixes what it touches', () => {
    const row = add({ ...square(10, 10, 4) });
    applyStroke(store, filled(14, 10, 4), false, row.id);
    applyStroke(store, filled(10, 10, 2), true, row.id);
    const [fixed] = masks();
    expect(fixed).toMatchObject({ origin: 'fixed', area: 28 });
    expect(contains(decode(fixed), { x: 10, y: 10 })).toBe(false);
    store.history.undo();
    expect(masks()[0].area).toBe(32);
    store.history.undo();
    expect(masks()).toEqual([row]);
  });

  test('a pending mask that was painted on is accepted as fixed', () => {
    askFor(store, { x: 12, y: 11 });
    answerLast(square(10, 10, 4));
    applyStroke(store, filled(14, 10, 4), false, activePending(store).id);
    accept(store, [activePending(store)]);
    expect(masks()).toMatchObject([{ origin: 'fixed', area: 32 }]);
  });

  test('painting does not wait for the model, and its late answer does not undo the work', () => {
    askFor(store, { x: 12, y: 11 });
    const { id, promptId } = activePending(store);
    applyStroke(store, filled(10, 10, 5), false, id);
    answer(store, promptId, { shape: square(0, 0, 2), score: 0.5, error: '' }, true);
    expect(activePending(store)).toMatchObject({ status: 'ready', shape: { area: 25 } });
    accept(store, [activePending(store)]);
    expect(masks()).toMatchObject([{ origin: 'drawn', prediction: null }]);
  });

  test('erasing everything deletes the mask, with undo', () => {
    const row = add({ ...square(10, 10, 4) });
    applyStroke(store, filled(8, 8, 10), true, row.id);
    expect(masks()).toEqual([]);
    store.history.undo();
    expect(masks()).toEqual([row]);
  });

  test('a stroke that changes nothing is no step', () => {
    const row = add({ ...square(10, 10, 4) });
    applyStroke(store, filled(11, 11, 1), false, row.id);
    applyStroke(store, filled(80, 80, 3), true, row.id);
    expect(store.history.canUndo).toBe(false);
  });
});

test('a number key classes the focused mask, else the next one', () => {
  setClass(store, 4);
  expect(store.view.get().currentClass).toBe(4);
  const row = add();
  focusOn(store, row.id);
  setClass(store, 9);
  expect(masks()[0].label_class).toBe(9);
  expect(store.view.get().currentClass).toBe(4);
});

test('a deleted mask comes back by undo', () => {
  const row = add();
  deleteMasks(store, [row]);
  expect(masks()).toEqual([]);
  store.history.undo();
  expect(masks()).toEqual([row]);
});

describe('proposals', () => {
  const proposal = (x, score = 0.9) => ({ ...square(x, 10, 6), score });
  beforeEach(() => store.proposals.set('ready', 'prompt', [proposal(10), proposal(40), proposal(70, 0.3)]));

  test('the score slider filters', () => {
    expect(store.proposals.visible(0.5)).toHaveLength(2);
    expect(store.proposals.visible(0)).toHaveLength(3);
  });

  test('accepting all is one step and names the prompt', () => {
    acceptProposals(store, store.proposals.visible(0.5));
    expect(masks().map((m) => [m.origin, m.prediction])).toEqual(Array(2).fill(['accepted', 'prompt']));
    expect(store.proposals.visible(0.5)).toEqual([]);
    store.history.undo();
    expect(store.proposals.visible(0.5)).toHaveLength(2);
  });

  test('one that a mask covers by half or more is hidden until that is gone', () => {
    const row = add({ ...square(9, 9, 6) });
    expect(store.proposals.visible(0.5).map((p) => p.bbox[0])).toEqual([40]);
    deleteMasks(store, [row]);
    expect(store.proposals.visible(0.5).map((p) => p.bbox[0])).toEqual([10, 40]);
  });

  test('one that a mask only grazes stays', () => {
    add({ ...square(15, 15, 6) });
    expect(store.proposals.visible(0.5)).toHaveLength(2);
  });
});
