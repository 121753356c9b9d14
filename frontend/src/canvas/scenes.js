/** What the two layers have to show, read from the store: the only impure step before drawing. */
import { visibleBox } from '../geometry/viewport.js';
import { reshapedId } from '../store/drafts.js';
import { activePending, selectedMasks } from '../store/focus.js';
import { PENDING, appearanceOf } from './colors.js';
import { cornerScene, draftScene } from './draft_scenes.js';

/** @typedef {import('../store/store.js').Store} Store */
/** @typedef {import('./picker.js').Picker} Picker */
/** @typedef {import('../geometry/stroke.js').Point} Point */

/** With these a click is about the mask under the pointer. */
const POINTING = new Set(['point', 'box', 'select', 'lasso', 'vertices', 'knife']);

/**
 * @param {Store} store @param {Picker} picker @param {number} ratio @param {number} unit
 * @returns {import('./static_layer.js').StaticScene}
 */
export function staticScene(store, picker, ratio, unit) {
  const { annotations, view } = store;
  const { viewport, screen, hidden, showMasks, showProposals } = view.get();
  const reshaped = reshapedId(view.get());
  const box = visibleBox(viewport, screen);
  const { colorOf, fill, outline } = appearanceOf(store);
  const masks = hidden || !showMasks ? [] : picker.masksIn(box);
  return {
    viewport,
    ratio,
    unit,
    fill,
    outline,
    masks: masks
      .filter(({ id }) => !annotations.pendings.has(id) && id !== reshaped)
      .map((mask) => ({ shape: mask, color: colorOf(mask) })),
    proposals: hidden || !showProposals ? [] : picker.proposalsIn(box),
  };
}

/**
 * @param {Store} store @param {Picker} picker @param {number} ratio @param {number} unit
 * @param {number} time @param {boolean} still
 * @returns {import('./interactive_layer.js').InteractiveScene}
 */
export function interactiveScene(store, picker, ratio, unit, time, still) {
  const { annotations, view } = store;
  const { viewport, tool, hidden, stroke, draft, brushSize, pointer, crosshair, opacity, preview, shift, lasso } = view.get();
  const reshaped = reshapedId(view.get());
  const { colorOf, classColor } = appearanceOf(store);
  const selected = hidden ? [] : selectedMasks(store).filter(({ id }) => id !== reshaped);
  const paints = tool === 'brush' || tool === 'eraser';
  const at = crosshair ?? pointer;
  const base = strokeBase(store, colorOf);
  return {
    viewport,
    ratio,
    unit,
    time,
    still,
    opacity,
    pendings: hidden ? [] : [...annotations.pendings.values()],
    activeId: activePending(store)?.id ?? null,
    selected: selected.map((mask) => ({ shape: mask, color: colorOf(mask) })),
    shift,
    lasso,
    preview,
    hovered: hidden || draft || lasso || shift || !POINTING.has(tool) || preview || !at ? null : hoveredAt(store, picker, at),
    stroke,
    strokeBase: base,
    draft: draft && draftScene(store, draft, at),
    reshaped,
    corners: tool === 'vertices' && !hidden ? cornerScene(store, at) : null,
    strokeColor: classColor(view.get().currentClass),
    brush: paints && at ? { at, radius: brushSize / 2, erase: tool === 'eraser' } : null,
    crosshair,
  };
}

/** @param {Store} store @param {Picker} picker @param {Point} at */
function hoveredAt({ annotations, view }, picker, at) {
  const { showMasks, showProposals, selection } = view.get();
  const mask = showMasks ? picker.maskAt(at) : null;
  if (mask) return annotations.pendings.has(mask.id) || selection.has(mask.id) ? null : mask;
  return showProposals ? picker.proposalAt(at) : null;
}

/** @param {Store} store @param {(mask: import('../store/annotations.js').Mask) => string} colorOf */
function strokeBase({ annotations, view }, colorOf) {
  const id = view.get().stroke?.targetId;
  if (!id) return null;
  const pending = annotations.pendings.get(id);
  if (pending?.shape) return { shape: pending.shape, color: PENDING };
  const mask = annotations.masks.get(id);
  return mask ? { shape: mask, color: colorOf(mask) } : null;
}
