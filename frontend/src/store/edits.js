/** What a person can do to masks. Each call is one change, hence one step to undo. */
import { subtract, union } from '../geometry/bitmap.js';
import { encode } from '../geometry/rle.js';
import { patchMask, patchPending } from './annotations.js';
import { edit, me } from './edit.js';
import { activePending, focusOn, selectedMask, selectedMasks } from './focus.js';
import { reshapedMask, reshapedPending } from './operations.js';
import { bitmapOf, isSameShape, shapeOf } from './shapes.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./annotations.js').Mask} Mask */
/** @typedef {import('./annotations.js').Pending} Pending */
/** @typedef {import('./annotations.js').Patch} Patch */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {import('../geometry/bitmap.js').Bitmap} Bitmap */

/** @param {Point} point @param {boolean} positive */
function newClick(point, positive) {
  return { id: crypto.randomUUID(), x: point.x, y: point.y, positive };
}

/**
 * From which score on an answer needs no look: in fast mode what the person set for proposals, too.
 * @param {Store} store
 */
function sureFrom({ view }) {
  const { fastMode, minScore } = view.get();
  return fastMode ? minScore : null;
}

/** A click on a nucleus that has no mask. @param {Store} store @param {Point} point */
export function askFor(store, point) {
  ask(store, { clicks: [newClick(point, true)] });
}

/** A box around a nucleus. @param {Store} store @param {import('../geometry/rectangle.js').Rectangle} box */
export function askInBox(store, box) {
  ask(store, { clicks: [], box });
}

/** @param {Store} store @param {Pick<Pending, 'clicks' | 'box'>} prompt */
function ask(store, prompt) {
  /** @type {Pending} */
  const pending = {
    id: crypto.randomUUID(),
    promptId: crypto.randomUUID(),
    ...prompt,
    status: 'thinking',
    error: '',
    shape: null,
    score: null,
    prediction: null,
    edited: false,
    refines: false,
    label_class: store.view.get().currentClass,
    acceptFrom: sureFrom(store),
  };
  edit(store, [patchPending(null, pending)]);
  focusOn(store, pending.id);
}

/**
 * One more click for the pending or the selected mask: all its clicks are asked again.
 * @param {Store} store @param {Point} point @param {boolean} positive
 * @returns {boolean} false when there is nothing to refine
 */
export function refine(store, point, positive) {
  const selected = selectedMask(store);
  const before = activePending(store);
  if (!selected && !before) return false;
  /** @type {Pending} */
  const base = before ?? refining(/** @type {Mask} */ (selected));
  const after = {
    ...base,
    promptId: crypto.randomUUID(),
    clicks: [...base.clicks, newClick(point, positive)],
    status: /** @type {const} */ ('thinking'),
    error: '',
    question: undefined,
    provisional: false,
    acceptFrom: sureFrom(store),
  };
  edit(store, [patchPending(before, after)]);
  focusOn(store, after.id);
  return true;
}

/** @param {Mask} mask @returns {Pending} */
function refining(mask) {
  const { id, bbox, counts, area, score, prediction, label_class } = mask;
  return {
    id,
    promptId: '',
    clicks: [],
    status: 'ready',
    error: '',
    shape: { bbox, counts, area },
    score,
    prediction,
    edited: false,
    refines: true,
    label_class,
    acceptFrom: null,
  };
}

/** @param {Store} store @param {Pending[]} pendings @returns {Patch[]} thinking ones: when answered */
function acceptance(store, pendings) {
  return pendings.flatMap((pending) => {
    if (pending.status === 'thinking') {
      if (pending.acceptFrom === 0) return [];
      return [patchPending(pending, { ...pending, acceptFrom: 0 })];
    }
    if (!pending.shape) return [];
    const before = store.annotations.masks.get(pending.id) ?? null;
    return [patchPending(pending, null), patchMask(before, toMask(store, pending, before))];
  });
}

/**
 * @param {Store} store @param {Pending} pending with a shape @param {Mask | null} before that it refines
 * @returns {Mask}
 */
export function toMask(store, { id, shape, score, prediction, edited, label_class, question }, before) {
  const { bbox, counts, area } = /** @type {import('../geometry/rle.js').Shape} */ (shape);
  if (before && isSameShape(before, { bbox, counts })) {
    return { ...before, label_class };
  }
  const origin = edited && !prediction ? 'drawn' : edited || before ? 'fixed' : 'accepted';
  /** @type {Mask} */
  const mask = { id, bbox, counts, area, score, prediction, origin, label_class, author: before?.author ?? me(store) };
  return question ? { ...mask, question } : mask;
}

/** @param {Store} store @param {Pending[]} pendings @returns {boolean} whether anything was accepted */
export function accept(store, pendings) {
  const done = edit(store, acceptance(store, pendings));
  if (done) focusOn(store, null);
  return done;
}

/** @param {Store} store @param {Pending} pending  a mask that it refined stays as it was */
export function reject(store, pending) {
  edit(store, [patchPending(pending, null)]);
  focusOn(store, pending.refines ? pending.id : null);
}

/**
 * @param {Store} store @param {import('./proposals.js').Proposal[]} proposals
 * @returns {boolean} whether any was accepted
 */
export function acceptProposals(store, proposals) {
  return edit(
    store,
    proposals.map(({ bbox, counts, area, score }) =>
      patchMask(null, {
        id: crypto.randomUUID(),
        bbox,
        counts,
        area,
        score,
        label_class: store.view.get().currentClass,
        origin: 'accepted',
        prediction: store.proposals.promptId,
        author: me(store),
      }),
    ),
  );
}

/** @param {Store} store @param {Mask[]} masks */
export function deleteMasks(store, masks) {
  edit(store, masks.map((mask) => patchMask(mask, null)));
  focusOn(store, null);
}

/**
 * The class of the pending mask or of all selected; without one, of the masks to come.
 * @param {Store} store @param {number | null} classId
 */
export function setClass(store, classId) {
  const pending = activePending(store);
  const masks = selectedMasks(store);
  if (!pending && !masks.length) return store.view.set({ currentClass: classId });
  if (pending && pending.label_class !== classId) {
    edit(store, [patchPending(pending, { ...pending, label_class: classId })]);
  }
  const others = masks.filter((mask) => mask.label_class !== classId);
  edit(store, others.map((mask) => patchMask(mask, { ...mask, label_class: classId })));
}

/**
 * @param {Store} store @param {Bitmap} stroke @param {boolean} erase
 * @param {string | null} targetId of a pending or accepted mask; null draws a new one
 */
export function applyStroke(store, stroke, erase, targetId) {
  const old = targetId ? shapeOf(store, targetId) : null;
  const base = old && bitmapOf(old);
  if (erase && !base) return;
  setShape(store, targetId, base ? (erase ? subtract(base, stroke) : union(base, stroke)) : stroke);
}

/**
 * @param {Store} store @param {string | null} targetId of a pending or accepted mask; null draws a new one
 * @param {Bitmap} bitmap  with nothing set the mask goes
 */
export function setShape(store, targetId, bitmap) {
  const { annotations } = store;
  const pending = targetId ? (annotations.pendings.get(targetId) ?? null) : null;
  const mask = targetId ? (annotations.masks.get(targetId) ?? null) : null;
  const old = pending ? pending.shape : mask;
  const shape = encode(bitmap);
  if (old && shape && isSameShape(old, shape)) return;
  if (pending) {
    edit(store, [shape ? reshapedPending(pending, shape) : patchPending(pending, null)]);
  } else if (mask) {
    edit(store, [shape ? reshapedMask(mask, shape) : patchMask(mask, null)]);
    focusOn(store, shape && mask.id);
  } else if (shape) {
    const id = crypto.randomUUID();
    const label_class = store.view.get().currentClass;
    const drawn = { ...shape, id, label_class, origin: /** @type {const} */ ('drawn') };
    const done = edit(store, [patchMask(null, { ...drawn, prediction: null, score: null, author: me(store) })]);
    if (done) focusOn(store, id);
  }
}

/**
 * The server's answer. Ignored when the person has gone on meanwhile: other clicks, a brush stroke.
 * It takes the place of the browser's; but that one stays if the server has none.
 * @param {Store} store @param {string} promptId
 * @param {{
 *   shape: import('../geometry/rle.js').Shape | null, score: number | null, checkpoint: number | null, error: string,
 * }} answer
 * @param {boolean} first false when it is given again, after an undo or a reload
 */
export function answer(store, promptId, { shape, score, checkpoint, error }, first) {
  const before = asking(store, promptId);
  if (!before) return;
  const found = shape ? { shape, score, checkpoint, prediction: promptId } : {};
  if (before.provisional) settle(store, before, { ...before, ...found, provisional: false }, false);
  else {
    const status = error ? 'failed' : shape ? 'ready' : 'empty';
    settle(store, before, { ...before, ...found, status, error }, first);
  }
}

/**
 * The browser's own answer, shown until the server's comes.
 * @param {Store} store @param {string} promptId
 * @param {{shape: import('../geometry/rle.js').Shape, score: number, checkpoint: number | null}} answer
 */
export function answerMeanwhile(store, promptId, { shape, score, checkpoint }) {
  const before = asking(store, promptId);
  if (before?.status !== 'thinking') return;
  const mask = before.shape && { bbox: before.shape.bbox, counts: before.shape.counts };
  const question = { clicks: before.clicks, ...(before.box && { box: before.box }), mask };
  const found = { shape, score, checkpoint, prediction: promptId, question, provisional: true };
  settle(store, before, { ...before, ...found, status: 'ready' }, true);
}

/** @param {Store} store @param {string} promptId @returns {Pending | undefined} that waits for the answer */
function asking({ annotations }, promptId) {
  return [...annotations.pendings.values()].find(
    (p) => p.promptId === promptId && (p.status === 'thinking' || p.provisional),
  );
}

/** @param {Store} store @param {Pending} before @param {Pending} after @param {boolean} first */
function settle(store, before, after, first) {
  store.annotations.apply({
    patches: [patchPending(before, after)],
    origin: 'remote',
    cause: 'edit',
  });
  const { acceptFrom, refines, id } = after;
  const sure = (acceptFrom ?? Infinity) <= (after.score ?? 0);
  if (!first || after.status !== 'ready' || !sure) return;
  const accepted = edit(store, acceptance(store, [after]), id);
  if (accepted && refines && store.view.get().activeId === id) focusOn(store, id);
}

/** @param {Store} store @param {Pending} pending  whose prompt failed: asked again under a new id */
export function askAgain(store, pending) {
  const after = {
    ...pending,
    promptId: crypto.randomUUID(),
    status: /** @type {const} */ ('thinking'),
    error: '',
  };
  edit(store, [patchPending(pending, after)]);
}
