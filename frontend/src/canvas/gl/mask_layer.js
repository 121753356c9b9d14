import { decode } from '../../geometry/rle.js';
import { reshapedId } from '../../store/drafts.js';
import { PROPOSAL, appearanceOf } from '../colors.js';
import { EXACT_FROM_SCALE } from '../mask_paths.js';
import { createBuildQueue } from './build_queue.js';
import { bytesOf } from './color_bytes.js';
import { cellsOf } from './distance_cells.js';
import { createProgram } from './shader.js';
import { createSheet } from './sheet.js';

/** @typedef {import('../../store/annotations.js').Mask} Mask */
/** @typedef {import('../../geometry/rle.js').Shape} Shape */
/** @typedef {import('./instances.js').Look} Look */
/** @typedef {NonNullable<ReturnType<typeof createMaskLayer>>} MaskLayer */

/**
 * Masks and proposals drawn by the graphics processor, which keeps them: a frame tells it where the
 * image lies, nothing more. What changes in the store is sent as it changes.
 * @param {{
 *   store: import('../../store/store.js').Store, canvas: HTMLCanvasElement, request: () => void,
 * }} parts  request: asks for a frame
 * @returns null where there is no WebGL
 */
export function createMaskLayer({ store, canvas, request }) {
  const { annotations, proposals, session, view } = store;
  const context = canvas.getContext('webgl2', { antialias: false, depth: false, stencil: false });
  if (!context) return null;
  const gl = context;
  let drawing = begin();
  /** After a loss the other layer draws until this one has everything again. */
  let complete = true;
  let appearance = appearanceOf(store);
  let offered = proposals.items;

  const arrived = createBuildQueue((/** @type {string | number} */ key, /** @type {Mask} */ mask) =>
    drawing?.masks.set(key, cellsOf(decode(mask)), lookOf(mask)));
  const proposed = createBuildQueue((/** @type {string | number} */ key, /** @type {import('../../store/proposals.js').Proposal} */ row) =>
    drawing?.proposals.set(key, cellsOf(decode(row)), offerLook(Number(key))));

  function begin() {
    if (gl.isContextLost()) return null;
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    try {
      return { ...createProgram(gl), masks: createSheet(gl), proposals: createSheet(gl) };
    } catch (error) {
      // A driver with a flaw of its own: the 2D canvas draws.
      console.warn(error);
      return null;
    }
  }

  /** @param {Mask} mask @returns {Look} */
  function lookOf(mask) {
    // A pending mask stands for it, or a stroke under way shows it.
    const elsewhere = annotations.pendings.has(mask.id) || reshapedId(view.get()) === mask.id;
    return { color: bytesOf(appearance.colorOf(mask)), shown: !elsewhere };
  }

  /** @param {number} index of a proposal @returns {Look} */
  const offerLook = (index) => ({ color: bytesOf(PROPOSAL), shown: proposals.isVisible(index, view.get().minScore) });

  /** @param {string | null | undefined} id */
  function restyle(id) {
    const mask = id && annotations.masks.get(id);
    if (mask) drawing?.masks.style(id, lookOf(mask));
  }

  function restyleAll() {
    appearance = appearanceOf(store);
    for (const id of annotations.masks.keys()) restyle(id);
    request();
  }

  /** @param {number[] | null} changed */
  function offerAgain(changed) {
    if (offered !== proposals.items) {
      offered = proposals.items;
      proposed.clear();
      drawing?.proposals.clear();
      offered.forEach((row, key) => proposed.add(key, row));
    } else {
      for (const key of changed ?? offered.keys()) drawing?.proposals.style(key, offerLook(key));
    }
  }

  annotations.on(({ patches, origin }) => {
    let drawn = false;
    for (const { kind, id, before, after } of patches) {
      // What asks for a nucleus changes no mask, unless it refines one.
      if (kind === 'rejection' || (kind === 'pending' && !annotations.masks.has(id))) continue;
      drawn = true;
      if (kind === 'pending') restyle(id);
      else if (!after) {
        arrived.drop(id);
        drawing?.masks.delete(id);
      } else if (before && drawing?.masks.has(id) && sameShape(before, after)) restyle(id);
      else if (origin === 'local' && patches.length === 1) drawing?.masks.set(id, cellsOf(decode(after)), lookOf(after));
      else arrived.add(id, after);
    }
    // A frame costs what all masks cost.
    if (drawn) request();
  });
  proposals.on(offerAgain);
  session.on((now, before) => {
    if (now.classes !== before.classes || now.authors !== before.authors) restyleAll();
  });
  view.on((now, before) => {
    if (now.colorBy !== before.colorBy) restyleAll();
    if (now.minScore !== before.minScore) offerAgain(null);
    if (reshapedId(now) !== reshapedId(before)) {
      restyle(reshapedId(before));
      restyle(reshapedId(now));
    }
  });

  canvas.addEventListener('webglcontextlost', (event) => {
    event.preventDefault();
    drawing = null;
    request();
  });
  canvas.addEventListener('webglcontextrestored', () => {
    drawing = begin();
    complete = false;
    for (const [id, mask] of annotations.masks) arrived.add(id, mask);
    offered.forEach((row, key) => proposed.add(key, row));
    request();
  });

  /** @param {string} name */
  const at = (name) => drawing?.at[name] ?? null;

  return {
    /** Whether it can draw now. */
    get usable() {
      return drawing !== null && complete;
    },
    /** @returns {number} of memory on the graphics processor */
    get bytes() {
      return drawing ? drawing.masks.bytes + drawing.proposals.bytes : 0;
    },
    /** @returns {number} masks and proposals that are not ready to be drawn yet */
    get waiting() {
      return arrived.length + proposed.length;
    },

    /** Makes some of what has arrived ready. @returns {boolean} whether there is more */
    work() {
      if (!drawing) return false;
      const more = arrived.work() || proposed.work();
      if (!more) complete = true;
      return more;
    },

    /** @param {number} ratio device pixels per CSS pixel @param {number} unit CSS pixels of a thin line */
    draw(ratio, unit) {
      if (!drawing) return;
      const { viewport: { scale, tx, ty }, hidden, showMasks, showProposals } = view.get();
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      if (hidden) return;
      const [x, y] = [Math.floor(-tx / scale), Math.floor(-ty / scale)];
      const { fill, outline } = appearanceOf(store);
      gl.useProgram(drawing.program);
      gl.uniform2i(at('origin'), x, y);
      gl.uniform2f(at('offset'), (tx + x * scale) * ratio, (ty + y * scale) * ratio);
      gl.uniform2f(at('screen'), canvas.width, canvas.height);
      gl.uniform1f(at('scale'), scale * ratio);
      gl.uniform1f(at('unit'), unit * ratio);
      gl.uniform1i(at('exact'), scale >= EXACT_FROM_SCALE ? 1 : 0);
      gl.uniform1f(at('fill'), fill);
      gl.uniform1f(at('line'), outline ? 1 : 0);
      for (const [sheet, wanted, dashed] of /** @type {const} */ ([
        [drawing.proposals, showProposals, 1],
        [drawing.masks, showMasks, 0],
      ])) {
        if (!wanted) continue;
        gl.uniform1i(at('dashed'), dashed);
        sheet.draw();
      }
    },
  };
}

/** @param {Shape} a @param {Shape} b */
const sameShape = (a, b) => a.counts === b.counts && a.bbox.every((side, k) => side === b.bbox[k]);
