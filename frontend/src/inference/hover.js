/**
 * Shows what a click would give: the outline of the nucleus under the pointer. It changes nothing.
 * While the button is held the outline stays, and what is under it is decoded: the click that follows
 * has its answer.
 */
import { contains, insideImage } from '../geometry/hit_test.js';
import { gettext } from '../i18n.js';
import { mayEdit, notify } from '../store/session.js';
import { bitmapOf } from '../store/shapes.js';

/** @typedef {import('../store/store.js').Store} Store */
/** @typedef {import('../geometry/stroke.js').Point} Point */

/** A mask that the network itself trusts less is no promise. */
const LEAST_SCORE = 0.3;
/** Milliseconds that a preview may take before it is more nuisance than help. */
const PATIENCE = 300;

/**
 * @param {{
 *   store: Store,
 *   picker: {maskAt: (point: Point) => unknown, pendingAt: (point: Point) => unknown},
 *   decoder: Pick<import('./local_decoder.js').LocalDecoder, 'state' | 'preview' | 'medianTime'>,
 * }} parts
 */
export function watchHover({ store, picker, decoder }) {
  const { annotations, session, view } = store;
  let complained = false;
  /** @type {Point | null} where the preview in work, or shown, belongs */
  let asked = null;

  view.on((now, before) => {
    if (
      now.pointer !== before.pointer || now.crosshair !== before.crosshair ||
      now.tool !== before.tool || now.hoverPreview !== before.hoverPreview ||
      now.pressed !== before.pressed || now.hidden !== before.hidden ||
      now.background !== before.background || now.viewport !== before.viewport
    ) look();
  });
  annotations.on(look);
  session.on((now, before) => {
    if (now.phase !== before.phase) look();
  });

  /** @returns {Point | null} where a click would ask for a nucleus */
  function place() {
    const { tool, hoverPreview, pressed, hidden, background, pointer, crosshair } = view.get();
    const { image } = session.get();
    const at = pressed ?? crosshair ?? pointer;
    if (!at || !image || tool !== 'point' || hidden || background) return null;
    if (!hoverPreview && !pressed) return null;
    if (!mayEdit(session.get()) || !insideImage(at, image.width, image.height)) return null;
    return picker.maskAt(at) || picker.pendingAt(at) ? null : at;
  }

  function look() {
    const at = place();
    const { preview } = view.get();
    // An outline that the pointer has left would answer for another place.
    if (preview && !(at && contains(bitmapOf(preview), at))) view.set({ preview: null });
    if (at && asked && at.x === asked.x && at.y === asked.y) return;
    asked = at;
    if (at && decoder.state === 'ready') void show(at);
  }

  /** @param {Point} at */
  async function show(at) {
    const image = session.get().image?.id;
    const found = await decoder.preview(at);
    if (!found || image !== session.get().image?.id) return;
    if (view.get().pressed) return;
    const now = place();
    const { shape, score } = found;
    const useful = now && shape && score >= LEAST_SCORE && contains(bitmapOf(shape), now);
    if (useful) view.set({ preview: shape });
    else if (now && now.x === at.x && now.y === at.y) view.set({ preview: null });
    if (decoder.medianTime > PATIENCE && !complained) tooSlow();
  }

  function tooSlow() {
    complained = true;
    view.set({ hoverPreview: false });
    notify(session, {
      kind: 'info',
      text: gettext('Hover preview is off: this computer is too busy for it. Clicks work as before; switch it on again under Layers (W).'),
    });
  }
}
