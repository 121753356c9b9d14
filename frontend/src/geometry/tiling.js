/** Which part of an image answers a click: as the server chooses it, so that both answer alike. */

/** @typedef {import('./stroke.js').Point} Point */
/** @typedef {{x: number, y: number, side: number, scale: number}} Tile  of the image enlarged by `scale`; may reach over the right and lower edges */

/**
 * @template {Tile} T
 * @param {T[]} tiles at least one, in any order @param {Point} point in image pixels
 * @returns {T} the one whose centre is nearest; of equals the first, row by row
 */
export function nearestTile(tiles, point) {
  /** @param {Tile} t */
  const away = (t) =>
    Math.max(Math.abs(t.x + t.side / 2 - point.x * t.scale), Math.abs(t.y + t.side / 2 - point.y * t.scale));
  return [...tiles].sort((a, b) => away(a) - away(b) || a.y - b.y || a.x - b.x)[0];
}

/**
 * @param {Tile} tile @param {Point} centre in enlarged pixels @param {number} side of the window
 * @returns {{left: number, top: number}} the window's corner in the tile, on the embedding's grid of 16 px
 */
export function windowIn(tile, centre, side) {
  /** @param {number} at */
  const corner = (at) =>
    Math.max(0, Math.min(tile.side - side, roundToEven((at - side / 2) / 16) * 16));
  return { left: corner(centre.x - tile.x), top: corner(centre.y - tile.y) };
}

/** Halves go to the even neighbour, as in NumPy. @param {number} value */
export function roundToEven(value) {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** @param {Tile} tile @param {Point} point in image pixels @returns {boolean} it lies in the tile */
export function covers({ x, y, side, scale }, point) {
  const [across, down] = [point.x * scale - x, point.y * scale - y];
  return across >= 0 && down >= 0 && across < side && down < side;
}

/** @param {Tile} tile @param {import('./bitmap.js').Box} box in image pixels @returns {boolean} they overlap */
export function meets({ x, y, side, scale }, [left, top, width, height]) {
  return (
    left * scale < x + side && (left + width) * scale > x && top * scale < y + side && (top + height) * scale > y
  );
}

/** @param {Point[]} points at least one @returns {Point} */
export function meanOf(points) {
  const sum = points.reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y }));
  return { x: sum.x / points.length, y: sum.y / points.length };
}

/**
 * @param {number} index @param {number} length
 * @returns {number} in [0, length): mirrored at the first and last element, which are not repeated
 */
export function mirrored(index, length) {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const at = ((index % period) + period) % period;
  return at < length ? at : period - at;
}
