import { pixelGrid } from '../geometry/pixel_grid.js';

// Dark beside light is seen on any ground.
const DARK = 'rgba(0, 0, 0, 0.35)';
const LIGHT = 'rgba(255, 255, 255, 0.28)';

/**
 * The borders of the image's pixels, where these are large, and when they are asked for.
 * @param {HTMLElement} element that the picture lies in
 * @param {Pick<import('../store/store.js').Store, 'session' | 'view'>} store
 */
export function createPixelGridLayer(element, { session, view }) {
  const canvas = document.createElement('canvas');
  canvas.className = 'stage-grid';
  canvas.hidden = true;
  element.append(canvas);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));

  function draw() {
    const { image } = session.get();
    const { pixelGrid: wanted, viewport, screen } = view.get();
    const grid = wanted && image ? pixelGrid(viewport, image, screen) : null;
    canvas.hidden = !grid;
    if (!grid) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(screen.width * ratio), Math.round(screen.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.lineWidth = 1 / ratio;
    stroke(grid, DARK, 0);
    stroke(grid, LIGHT, 1 / ratio);
  }

  /** @param {NonNullable<ReturnType<typeof pixelGrid>>} grid @param {string} color @param {number} shift */
  function stroke({ xs, ys, left, top, right, bottom }, color, shift) {
    context.strokeStyle = color;
    context.beginPath();
    for (const x of xs) {
      context.moveTo(x + shift, top);
      context.lineTo(x + shift, bottom);
    }
    for (const y of ys) {
      context.moveTo(left, y + shift);
      context.lineTo(right, y + shift);
    }
    context.stroke();
  }

  view.on((now, before) => {
    if (now.pixelGrid !== before.pixelGrid) draw();
  });
  return { draw };
}
