import { centreOn, fit, keepInSight, pan, toImage, toScreen, zoomAt } from '../geometry/viewport.js';
import { reshapedId } from '../store/drafts.js';
import { createAdjustedPicture } from './adjusted_picture.js';
import { createComparisonLayer } from './comparison_layer.js';
import { createImageLayer } from './image_layer.js';
import { drawInteractive } from './interactive_layer.js';
import { createMaskStack } from './mask_stack.js';
import { createPixelGridLayer } from './pixel_grid_layer.js';
import { createScheduler } from './scheduler.js';
import { interactiveScene } from './scenes.js';
import { createUncertainLayer } from './uncertain_layer.js';

/** @typedef {import('../store/store.js').Store} Store */
/** @typedef {import('../geometry/viewport.js').Viewport} Viewport */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {Awaited<ReturnType<typeof createStage>>} Stage */

const STATIC_SETTINGS = /** @type {const} */ ([
  'opacity', 'maskStyle', 'colorBy', 'hidden', 'showMasks', 'showProposals', 'minScore',
]);

const OVERLAY_SETTINGS = /** @type {const} */ (['selection', 'activeId', 'hidden', 'stroke', 'draft', 'lasso', 'shift']);

/**
 * @param {{
 *   store: Store, picker: import('./picker.js').Picker, container: HTMLElement,
 *   onFailure: (reason: string) => void, onFrame: () => void,
 * }} parts  onFrame: the view moved, whatever hangs on the image must follow
 */
export async function createStage({ store, picker, container, onFailure, onFrame }) {
  const { annotations, comparison, proposals, session, view } = store;
  const names = ['stage-image', 'stage-masks gl', 'stage-masks', 'stage-above'];
  const [below, gl, plain, above] = names.map((name, k) => {
    const layer = document.createElement(k ? 'canvas' : 'div');
    layer.className = name;
    if (k) layer.setAttribute('aria-hidden', 'true');
    return layer;
  });
  container.prepend(below, gl, plain, above);
  const canvases = /** @type {{gl: HTMLCanvasElement, plain: HTMLCanvasElement}} */ ({ gl, plain });
  const interactiveCanvas = /** @type {HTMLCanvasElement} */ (above);
  const interactiveContext = /** @type {CanvasRenderingContext2D} */ (interactiveCanvas.getContext('2d'));
  const stillness = window.matchMedia('(prefers-reduced-motion: reduce)');
  const imageLayer = await createImageLayer(below, onFailure, () => adjusted.refresh());
  const grid = createPixelGridLayer(below, store);
  const uncertain = createUncertainLayer(below, store);
  const adjusted = createAdjustedPicture(below, imageLayer.picture, store, () => scheduler.request('compare'));
  const scheduler = createScheduler();
  const ratio = () => window.devicePixelRatio || 1;
  // The style sheet makes everything larger on large screens; lines and markers follow.
  let unit = 1;

  /** @type {{viewport: Viewport, screen: import('../geometry/viewport.js').Size} | null} where the image was drawn last */
  let drawn = null;
  scheduler.add('view', () => {
    const { image } = session.get();
    const { viewport, screen } = view.get();
    // What hangs on masks follows them; the image is drawn again only when it has moved.
    if (image && (viewport !== drawn?.viewport || screen !== drawn.screen)) {
      imageLayer.follow(viewport, image, screen);
      grid.draw();
      uncertain.draw();
      drawn = { viewport, screen };
    }
    onFrame();
  });

  const maskStack = createMaskStack({ store, picker, canvases, scheduler, ratio, unit: () => unit });

  scheduler.add('interactive', (time) => {
    const scene = interactiveScene(store, picker, ratio(), unit, time, stillness.matches);
    drawInteractive(interactiveContext, scene);
    return !scene.still && scene.pendings.some((pending) => pending.status === 'thinking');
  });

  const compared = createComparisonLayer({ store, container, picture: adjusted.picture, pan: panBy, zoom: zoomBy });
  scheduler.add('compare', () => compared.draw(ratio(), unit));
  comparison.on(() => scheduler.request('compare'));

  const redraw = () => {
    scheduler.request('compare');
    scheduler.request('static');
    scheduler.request('interactive');
    scheduler.request('view');
  };

  annotations.on(({ patches }) => {
    for (const layer of ['compare', 'interactive', 'view']) scheduler.request(layer);
    // A pending mask lies above the others; only one that refines another hides that one.
    if (patches.some(({ kind, id }) => kind === 'mask' || annotations.masks.has(id))) scheduler.request('static');
  });
  // What a new mask covers may go a frame after it has come: that must not wait for all the others.
  proposals.on((changed) => (changed ? scheduler.requestLate('static') : scheduler.request('static')));
  session.on((now, before) => {
    if (now.classes !== before.classes || now.authors !== before.authors) redraw();
  });
  view.on((now, before) => {
    scheduler.request('interactive');
    scheduler.request('compare');
    if (now.viewport !== before.viewport || now.screen !== before.screen) {
      scheduler.request('view');
      if (now.screen === before.screen) maskStack.follow();
      else scheduler.request('static');
    } else if (
      STATIC_SETTINGS.some((key) => now[key] !== before[key]) ||
      reshapedId(now) !== reshapedId(before)
    ) {
      scheduler.request('static');
    }
    if (OVERLAY_SETTINGS.some((key) => now[key] !== before[key])) scheduler.request('view');
  });

  function resize() {
    const { clientWidth: width, clientHeight: height } = container;
    if (!width || !height) return;
    for (const canvas of [canvases.gl, canvases.plain, interactiveCanvas]) {
      canvas.width = Math.round(width * ratio());
      canvas.height = Math.round(height * ratio());
    }
    unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    const { screen, viewport } = view.get();
    const { image } = session.get();
    const centre = toImage(viewport, { x: screen.width / 2, y: screen.height / 2 });
    const moved = centreOn(viewport, centre, { width, height });
    view.set({
      screen: { width, height },
      viewport: image ? keepInSight(moved, image, { width, height }) : moved,
    });
    redraw();
  }
  new ResizeObserver(resize).observe(container);
  resize();

  /** @param {(viewport: Viewport, image: import('../store/session.js').ImageRow) => Viewport} change */
  function move(change) {
    const { image } = session.get();
    if (image) view.set({ viewport: change(view.get().viewport, image) });
  }

  /** @param {number} dx @param {number} dy CSS pixels */
  function panBy(dx, dy) {
    move((v, image) => pan(v, dx, dy, image, view.get().screen));
  }

  /** @param {number} factor @param {Point} [anchor] in the stage; its middle when absent */
  function zoomBy(factor, anchor) {
    const { screen } = view.get();
    const at = anchor ?? { x: screen.width / 2, y: screen.height / 2 };
    move((v, image) => zoomAt(v, factor, at, image, screen));
  }

  return {
    /** @returns {{bytes: number, waiting: number}} what the masks take of the graphics processor */
    get load() {
      return maskStack.load;
    },
    async open() {
      const { image } = session.get();
      if (!image) return;
      view.set({ viewport: fit(image, view.get().screen) });
      await imageLayer.open(image.pixels_url);
      drawn = null;
      redraw();
    },
    /** @param {string} url of another picture of the open image @returns {Promise<boolean>} */
    async showPicture(url) {
      const done = await imageLayer.swap(url);
      drawn = null;
      scheduler.request('view');
      return done;
    },
    fit: () => move((_, image) => fit(image, view.get().screen)),
    pan: panBy,
    zoom: zoomBy,
    /** @param {Point} point of the image; brought into view when it is not */
    reveal(point) {
      const { screen, viewport } = view.get();
      const at = toScreen(viewport, point);
      const seen = at.x >= 0 && at.y >= 0 && at.x < screen.width && at.y < screen.height;
      if (!seen) move((v, image) => keepInSight(centreOn(v, point, screen), image, screen));
    },
    /** @param {Point} point of the image, that becomes the middle */
    lookAt(point) {
      const { screen } = view.get();
      move((v, image) => keepInSight(centreOn(v, point, screen), image, screen));
    },
    /** @param {Point} client @returns {Point} image pixels */
    fromClient({ x, y }) {
      const box = container.getBoundingClientRect();
      return toImage(view.get().viewport, { x: x - box.left, y: y - box.top });
    },
    /** @param {Point} point image pixels @returns {Point} client pixels */
    toClient(point) {
      const box = container.getBoundingClientRect();
      const at = toScreen(view.get().viewport, point);
      return { x: at.x + box.left, y: at.y + box.top };
    },
  };
}
