import { toImage, toScreen } from '../geometry/viewport.js';
import { createMaskLayer } from './gl/mask_layer.js';
import { staticScene } from './scenes.js';
import { drawStatic } from './static_layer.js';

/** With more shapes than this the 2D layer moves as a picture while the view moves… */
const FEW_SHAPES = 120;
/** …and is drawn afresh when the view rests, or has gone too far for the picture. */
const REST = 90;
const FAR = { shift: 0.2, zoom: 1.5 };

/**
 * The masks that are not being worked on: drawn by the graphics processor, and where that cannot be
 * had, or while it is lost, on a 2D canvas.
 * @param {{
 *   store: import('../store/store.js').Store, picker: import('./picker.js').Picker,
 *   canvases: {gl: HTMLCanvasElement, plain: HTMLCanvasElement},
 *   scheduler: ReturnType<typeof import('./scheduler.js').createScheduler>,
 *   ratio: () => number, unit: () => number,
 * }} parts
 */
export function createMaskStack({ store, picker, canvases, scheduler, ratio, unit }) {
  const { session, view } = store;
  const { gl, plain } = canvases;
  const context = /** @type {CanvasRenderingContext2D} */ (plain.getContext('2d'));
  const layer = createMaskLayer({ store, canvas: gl, request: () => scheduler.request('static') });
  let shapes = 0;
  let drawn = view.get().viewport;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let rest;

  scheduler.add('static', () => {
    clearTimeout(rest);
    const more = layer?.work() ?? false;
    const fast = layer?.usable ?? false;
    gl.hidden = !fast;
    plain.hidden = fast;
    session.set({ drawing: fast ? 'webgl' : 'canvas' });
    if (fast) layer?.draw(ratio(), unit());
    else drawPlain();
    return more;
  });

  function drawPlain() {
    drawn = view.get().viewport;
    plain.style.transform = '';
    const scene = staticScene(store, picker, ratio(), unit());
    shapes = scene.masks.length + scene.proposals.length;
    drawStatic(context, scene);
  }

  scheduler.add('carry', () => {
    const { viewport, screen } = view.get();
    const k = viewport.scale / drawn.scale;
    const [dx, dy] = [viewport.tx - drawn.tx * k, viewport.ty - drawn.ty * k];
    plain.style.transform = `matrix(${k}, 0, 0, ${k}, ${dx}, ${dy})`;
    const middle = toScreen(viewport, toImage(drawn, { x: screen.width / 2, y: screen.height / 2 }));
    const far =
      Math.abs(middle.x - screen.width / 2) > FAR.shift * screen.width ||
      Math.abs(middle.y - screen.height / 2) > FAR.shift * screen.height ||
      Math.max(k, 1 / k) > FAR.zoom;
    clearTimeout(rest);
    if (far) scheduler.request('static');
    else rest = setTimeout(() => scheduler.request('static'), REST);
  });

  return {
    /** The view moved, and nothing else changed. */
    follow: () => scheduler.request(!layer?.usable && shapes > FEW_SHAPES ? 'carry' : 'static'),
    /** @returns {{bytes: number, waiting: number}} of the graphics processor, for measurements */
    get load() {
      return { bytes: layer?.bytes ?? 0, waiting: layer?.waiting ?? 0 };
    },
  };
}
