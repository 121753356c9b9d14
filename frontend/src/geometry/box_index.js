/** @typedef {import('./bitmap.js').Box} Box */

/** Cells of the finest level are 2^4 = 16 pixels wide. */
const FINEST = 4;
/** More cells than any image has along a side. */
const STRIDE = 2 ** 24;

/**
 * Which rows lie in a part of the image. Each row sits in one cell, that of its box's corner, of a
 * grid whose cells are as large as the box: to put one in or take one out costs the same however many
 * there are, and a search looks into a few cells of each size that occurs.
 * @template {{bbox: Box}} Row
 */
export class BoxIndex {
  /** @type {Map<number, Map<number, Map<string | number, Row>>>} level → cell → key → row */
  #levels = new Map();
  /** @type {Map<string | number, {row: Row, order: number}>} */
  #rows = new Map();
  #order = 0;

  get size() {
    return this.#rows.size;
  }

  /** @param {string | number} key @param {Row} row takes the place of the one that had this key */
  set(key, row) {
    const order = this.#rows.get(key)?.order ?? this.#order++;
    this.delete(key);
    this.#rows.set(key, { row, order });
    const level = levelOf(row.bbox);
    let cells = this.#levels.get(level);
    if (!cells) this.#levels.set(level, (cells = new Map()));
    const at = cellOf(row.bbox, level);
    const cell = cells.get(at);
    if (cell) cell.set(key, row);
    else cells.set(at, new Map([[key, row]]));
  }

  /** @param {string | number} key */
  delete(key) {
    const kept = this.#rows.get(key);
    if (!kept) return;
    this.#rows.delete(key);
    const level = levelOf(kept.row.bbox);
    const at = cellOf(kept.row.bbox, level);
    const cells = this.#levels.get(level);
    const cell = cells?.get(at);
    cell?.delete(key);
    if (!cell?.size) cells?.delete(at);
    if (!cells?.size) this.#levels.delete(level);
  }

  clear() {
    this.#levels.clear();
    this.#rows.clear();
  }

  /** @param {Box} box @returns {Row[]} whose boxes meet it or touch it, in the order they first came */
  search(box) {
    /** @type {{row: Row, order: number}[]} */
    const found = [];
    for (const [level, cells] of this.#levels) {
      for (const cell of nearby(cells, box, level)) {
        for (const [key, { bbox }] of cell) {
          if (touch(bbox, box)) found.push(/** @type {{row: Row, order: number}} */ (this.#rows.get(key)));
        }
      }
    }
    return found.sort((a, b) => a.order - b.order).map(({ row }) => row);
  }
}

/** @param {Box} box @returns {number} the level whose cells are at least as large */
function levelOf([, , w, h]) {
  return Math.max(FINEST, Math.ceil(Math.log2(Math.max(w, h, 1))));
}

/** @param {Box} box @param {number} level */
function cellOf([x, y], level) {
  const side = 2 ** level;
  return Math.floor(y / side) * STRIDE + Math.floor(x / side);
}

/**
 * @template Cell
 * @param {Map<number, Cell>} cells @param {Box} box @param {number} level
 * @returns {Iterable<Cell>} those with corners of boxes that may reach into the box
 */
function* nearby(cells, [x, y, w, h], level) {
  const side = 2 ** level;
  const left = Math.floor((x - side) / side);
  const top = Math.floor((y - side) / side);
  const right = Math.floor((x + w) / side);
  const bottom = Math.floor((y + h) / side);
  if ((right - left + 1) * (bottom - top + 1) > cells.size) return yield* cells.values();
  for (let row = Math.max(0, top); row <= bottom; row++) {
    for (let column = Math.max(0, left); column <= right; column++) {
      const cell = cells.get(row * STRIDE + column);
      if (cell) yield cell;
    }
  }
}

/** @param {Box} a @param {Box} b */
function touch(a, b) {
  return a[0] <= b[0] + b[2] && b[0] <= a[0] + a[2] && a[1] <= b[1] + b[3] && b[1] <= a[1] + a[3];
}
