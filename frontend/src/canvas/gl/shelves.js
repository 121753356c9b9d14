/** @typedef {{page: number, u: number, v: number, w: number, h: number}} Place */

/** Sizes are rounded up to this, so that a place given back fits what comes next. */
const GRAIN = 4;

/**
 * Finds places for rectangles on square pages: shelves of equal height, filled from the left. What
 * is given back is handed out again to the next rectangle of about that size.
 * @param {number} side of a page
 */
export function createShelves(side) {
  /** @type {Map<number, {page: number, u: number, v: number}>} height → the shelf that has room */
  const open = new Map();
  /** @type {Map<number, Place[]>} */
  const free = new Map();
  let page = 0;
  let top = 0;

  return {
    /** @returns {number} pages that are in use or have been */
    get pages() {
      return open.size ? page + 1 : 0;
    },

    /** @param {number} width @param {number} height neither above the side @returns {Place} */
    take(width, height) {
      const w = rounded(width);
      const h = rounded(height);
      const again = free.get(w * side + h)?.pop();
      if (again) return again;
      let shelf = open.get(h);
      if (!shelf || shelf.u + w > side) {
        if (top + h > side) {
          page += 1;
          top = 0;
        }
        shelf = { page, u: 0, v: top };
        top += h;
        open.set(h, shelf);
      }
      const place = { page: shelf.page, u: shelf.u, v: shelf.v, w, h };
      shelf.u += w;
      return place;
    },

    /** @param {Place} place */
    give(place) {
      const key = place.w * side + place.h;
      const places = free.get(key);
      if (places) places.push(place);
      else free.set(key, [place]);
    },
  };
}

/** @param {number} length */
const rounded = (length) => Math.ceil(length / GRAIN) * GRAIN;
