import { tileCorners } from '../geometry/tile_corners.js';

// A dark line below the light one is seen on any ground.
const LINES = /** @type {const} */ ([
  ['rgba(0, 0, 0, 0.45)', 3.5],
  ['rgba(255, 196, 0, 0.9)', 1.5],
]);

/**
 * Corners around the parts of the image of which the model is most unsure, when they are asked for.
 * @param {HTMLElement} element that the picture lies in
 * @param {Pick<import('../store/store.js').Store, 'session' | 'view'>} store
 */
export function createUncertainLayer(element, { session, view }) {
  const canvas = document.createElement('canvas');
  canvas.className = 'stage-grid';
  canvas.dataset.testid = 'uncertain-parts';
  canvas.hidden = true;
  element.append(canvas);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));

  function draw() {
    const { image } = session.get();
    const { uncertainParts: wanted, viewport, screen } = view.get();
    const corners = wanted && image ? tileCorners(image.uncertain_tiles ?? [], viewport, image, screen) : [];
    canvas.hidden = !corners.length;
    if (canvas.hidden) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(screen.width * ratio), Math.round(screen.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, screen.width, screen.height);
    context.beginPath();
    for (const [first, ...rest] of corners) {
      context.moveTo(first.x, first.y);
      for (const point of rest) context.lineTo(point.x, point.y);
    }
    for (const [color, lineWidth] of LINES) {
      context.strokeStyle = color;
      context.lineWidth = lineWidth;
      context.stroke();
    }
  }

  view.on((now, before) => {
    if (now.uncertainParts !== before.uncertainParts) draw();
  });
  return { draw };
}
