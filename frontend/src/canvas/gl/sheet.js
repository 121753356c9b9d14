import { MARGIN } from '../../geometry/distance.js';
import { createInstances } from './instances.js';
import { createShelves } from './shelves.js';

/** @typedef {import('./distance_cells.js').Cell} Cell */
/** @typedef {import('./instances.js').Look} Look */
/** @typedef {ReturnType<typeof createSheet>} Sheet */
/** @typedef {{place: import('./shelves.js').Place, slot: number}} Part */

const SIDE = 2048;

/**
 * Masks in the memory of the graphics processor: their distances on pages of one texture each, and
 * a quad for each part. Changing one mask touches nothing else.
 * @param {WebGL2RenderingContext} gl
 */
export function createSheet(gl) {
  const shelves = createShelves(SIDE);
  /** @type {{texture: WebGLTexture, instances: ReturnType<typeof createInstances>}[]} */
  const pages = [];
  /** @type {Map<string | number, Part[]>} */
  const parts = new Map();

  /** @param {number} number */
  function pageAt(number) {
    while (pages.length <= number) pages.push({ texture: createTexture(gl), instances: createInstances(gl) });
    return pages[number];
  }

  /** @param {string | number} key */
  function remove(key) {
    for (const { place, slot } of parts.get(key) ?? []) {
      shelves.give(place);
      pages[place.page].instances.remove(slot);
    }
    parts.delete(key);
  }

  return {
    get size() {
      return parts.size;
    },
    /** @returns {number} of memory on the graphics processor */
    get bytes() {
      return pages.reduce((sum, { instances }) => sum + SIDE * SIDE + instances.bytes, 0);
    },
    /** @param {string | number} key */
    has: (key) => parts.has(key),

    /** @param {string | number} key @param {Cell[]} cells @param {Look} look */
    set(key, cells, look) {
      remove(key);
      gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
      const placed = cells.map((cell) => {
        const [w, h] = [cell.w + 2 * MARGIN, cell.h + 2 * MARGIN];
        const place = shelves.take(w, h);
        const { texture, instances } = pageAt(place.page);
        gl.bindTexture(gl.TEXTURE_2D, texture);
        gl.texSubImage2D(gl.TEXTURE_2D, 0, place.u, place.v, w, h, gl.RED, gl.UNSIGNED_BYTE, cell.data);
        return { place, slot: instances.add(cell, place, look) };
      });
      parts.set(key, placed);
    },

    /** @param {string | number} key @param {Look} look */
    style(key, look) {
      for (const { place, slot } of parts.get(key) ?? []) pages[place.page].instances.style(slot, look);
    },

    delete: remove,

    clear() {
      for (const key of [...parts.keys()]) remove(key);
    },

    draw() {
      for (const { texture, instances } of pages) {
        gl.bindTexture(gl.TEXTURE_2D, texture);
        instances.draw();
      }
    },
  };
}

/** @param {WebGL2RenderingContext} gl */
function createTexture(gl) {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R8, SIDE, SIDE);
  for (const [name, value] of [
    [gl.TEXTURE_MIN_FILTER, gl.LINEAR],
    [gl.TEXTURE_MAG_FILTER, gl.LINEAR],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
    [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
  ]) gl.texParameteri(gl.TEXTURE_2D, name, value);
  return texture;
}
