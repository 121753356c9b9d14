import { toScreen } from './viewport.js';

/** @typedef {import('./viewport.js').Viewport} Viewport */
/** @typedef {import('./viewport.js').Size} Size */
/** @typedef {import('./stroke.js').Point} Point */

/** CSS pixels; of a tile that is small on the screen, less. */
export const ARM = 18;

/**
 * The four corners of each tile that is in sight, as lines of three points on the screen. A tile that
 * is all of the image would tell nothing and has none.
 * @param {number[][]} tiles [[x, y, side, …], …] in image pixels @param {Viewport} viewport @param {Size} image @param {Size} screen
 * @returns {Point[][]}
 */
export function tileCorners(tiles, viewport, image, screen) {
  return tiles.flatMap(([x, y, side]) => {
    const right = Math.min(x + side, image.width);
    const bottom = Math.min(y + side, image.height);
    if (x <= 0 && y <= 0 && right === image.width && bottom === image.height) return [];
    const from = toScreen(viewport, { x: Math.max(x, 0), y: Math.max(y, 0) });
    const to = toScreen(viewport, { x: right, y: bottom });
    if (to.x < 0 || to.y < 0 || from.x > screen.width || from.y > screen.height) return [];
    const arm = Math.min(ARM, (to.x - from.x) / 3, (to.y - from.y) / 3);
    return [
      [from.x, from.y, arm, arm],
      [to.x, from.y, -arm, arm],
      [to.x, to.y, -arm, -arm],
      [from.x, to.y, arm, -arm],
    ].map(([cx, cy, dx, dy]) => [
      { x: cx + dx, y: cy },
      { x: cx, y: cy },
      { x: cx, y: cy + dy },
    ]);
  });
}
