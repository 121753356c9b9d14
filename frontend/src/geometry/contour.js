/** @typedef {import('./bitmap.js').Bitmap} Bitmap */

// Directions along pixel edges: right, down, left, up. Foreground is kept on the right hand, so
// outer loops run clockwise on the screen and holes counter-clockwise: one non-zero fill shows both.
const STEP_X = [1, 0, -1, 0];
const STEP_Y = [0, 1, 0, -1];

/**
 * @param {Bitmap} bitmap
 * @returns {number[][]} closed loops along pixel edges, flat [x0, y0, x1, y1, …] of corners in image
 *   pixels; the last corner joins the first; straight runs have no vertices within
 */
export function traceLoops(bitmap) {
  const { x, y, w, h, data } = bitmap;
  /** @param {number} i @param {number} j */
  const at = (i, j) => (i >= 0 && j >= 0 && i < w && j < h ? data[j * w + i] : 0);
  // One mark a pixel: its top edge was walked. Every loop has at least one such edge.
  const walked = new Uint8Array(w * h);
  /** @type {number[][]} */
  const loops = [];
  for (let j = 0; j < h; j++) {
    for (let i = 0; i < w; i++) {
      if (!data[j * w + i] || at(i, j - 1) || walked[j * w + i]) continue;
      loops.push(walk(i, j));
    }
  }
  return loops;

  /** @param {number} startI @param {number} startJ */
  function walk(startI, startJ) {
    /** @type {number[]} */
    const loop = [];
    let i = startI;
    let j = startJ;
    let direction = 0;
    do {
      if (direction === 0) walked[j * w + i] = 1;
      i += STEP_X[direction];
      j += STEP_Y[direction];
      const turn = nextDirection(i, j, direction);
      if (turn !== direction) loop.push(x + i, y + j);
      direction = turn;
    } while (i !== startI || j !== startJ || direction !== 0);
    return loop;
  }

  /**
   * Where two foreground pixels touch only at this corner the loop turns right, so diagonal
   * neighbours get loops of their own.
   * @param {number} i @param {number} j corner @param {number} direction arrived by
   */
  function nextDirection(i, j, direction) {
    const ahead = [at(i, j - 1), at(i, j), at(i - 1, j), at(i - 1, j - 1)];
    const right = ahead[(direction + 1) % 4];
    const left = ahead[direction];
    if (!right) return (direction + 1) % 4;
    return left ? (direction + 3) % 4 : direction;
  }
}

/**
 * The loop with its stairs cut: through the middles of the unit edges, never more than half a pixel
 * from the true border. For drawing only.
 * @param {number[]} loop from traceLoops @returns {number[]} flat vertices
 */
export function smoothLoop(loop) {
  /** @type {number[]} */
  const out = [];
  for (let k = 0; k < loop.length; k += 2) {
    const x = loop[k];
    const y = loop[k + 1];
    const nx = loop[(k + 2) % loop.length];
    const ny = loop[(k + 3) % loop.length];
    const length = Math.abs(nx - x) + Math.abs(ny - y);
    const ux = (nx - x) / length;
    const uy = (ny - y) / length;
    out.push(x + ux / 2, y + uy / 2);
    if (length > 1) out.push(nx - ux / 2, ny - uy / 2);
  }
  return out;
}
