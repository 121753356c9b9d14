/** The sets of masks that are compared, each over a copy of the picture, left and right. */
import { overlap } from '../geometry/bitmap.js';
import { visibleBox } from '../geometry/viewport.js';
import { appearanceOf } from './colors.js';
import { drawStatic } from './static_layer.js';

/** @typedef {import('../store/comparison.js').Side} Side */
/** @typedef {import('../store/annotations.js').Mask} Mask */

/**
 * @param {{
 *   store: import('../store/store.js').Store, container: HTMLElement, picture: () => HTMLCanvasElement,
 *   pan: (dx: number, dy: number) => void,
 *   zoom: (factor: number, anchor: import('../geometry/stroke.js').Point) => void,
 * }} parts
 */
export function createComparisonLayer({ store, container, picture, pan, zoom }) {
  const { comparison, view } = store;
  const panes = /** @type {const} */ (['left', 'right']).map((side) => createPane(side, { container, pan, zoom }));

  /** @param {number} ratio @param {number} unit */
  function draw(ratio, unit) {
    const { mode, at, rows } = comparison.get();
    container.dataset.compare = mode;
    for (const { side, pane, below, above } of panes) {
      const set = rows[side];
      pane.hidden = mode === 'off' || !set;
      if (pane.hidden || !set) continue;
      const parted = side === 'left' ? `inset(0 ${100 - 100 * at}% 0 0)` : `inset(0 0 0 ${100 * at}%)`;
      pane.style.clipPath = mode === 'swipe' ? parted : '';
      const source = picture();
      for (const canvas of [below.canvas, above.canvas]) {
        if (canvas.width !== source.width || canvas.height !== source.height) {
          [canvas.width, canvas.height] = [source.width, source.height];
        }
      }
      below.clearRect(0, 0, source.width, source.height);
      below.drawImage(source, 0, 0);
      const { viewport, screen, hidden, showMasks } = view.get();
      const { colorOf, fill, outline } = appearanceOf(store);
      const box = visibleBox(viewport, screen);
      const seen = hidden || !showMasks ? [] : set.filter((shape) => overlap(shape.bbox, box));
      const masks = seen.map((shape) => ({ shape, color: colorOf({ ...NO_MASK, ...shape }) }));
      drawStatic(above, { viewport, ratio, unit, fill, outline, masks, proposals: [] });
    }
  }

  return { draw };
}

/** What is proposed has no author and no class yet. @type {Pick<Mask, 'id' | 'label_class' | 'origin' | 'score' | 'author'>} */
const NO_MASK = { id: '', label_class: null, origin: 'accepted', score: null, author: null };

/**
 * A pane can be moved and zoomed; to work, one uses the stage.
 * @param {Side} side
 * @param {{container: HTMLElement, pan: (dx: number, dy: number) => void, zoom: (factor: number, anchor: {x: number, y: number}) => void}} parts
 */
function createPane(side, { container, pan, zoom }) {
  const pane = document.createElement('div');
  pane.className = 'compare-pane';
  pane.dataset.side = side;
  pane.dataset.testid = `compare-${side}`;
  pane.hidden = true;
  const [below, above] = [0, 1].map(() => {
    const canvas = document.createElement('canvas');
    canvas.setAttribute('aria-hidden', 'true');
    pane.append(canvas);
    return /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  });
  container.append(pane);

  let last = { x: 0, y: 0 };
  pane.addEventListener('pointerdown', (event) => {
    event.stopPropagation();
    pane.setPointerCapture(event.pointerId);
    last = { x: event.clientX, y: event.clientY };
  });
  pane.addEventListener('pointermove', (event) => {
    event.stopPropagation();
    if (!pane.hasPointerCapture(event.pointerId)) return;
    pan(event.clientX - last.x, event.clientY - last.y);
    last = { x: event.clientX, y: event.clientY };
  });
  pane.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      event.stopPropagation();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
      const box = pane.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0016)), { x: event.clientX - box.left, y: event.clientY - box.top });
    },
    { passive: false },
  );
  return { side, pane, below, above };
}
