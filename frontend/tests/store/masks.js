import { encode } from '../../src/geometry/rle.js';

/** @returns {import('../../src/geometry/rle.js').Shape} a filled square */
export function square(x, y, side) {
  return encode({ x, y, w: side, h: side, data: new Uint8Array(side * side).fill(1) });
}

let count = 0;

/** @returns {import('../../src/store/annotations.js').Mask} */
export function mask(fields = {}) {
  count += 1;
  return {
    ...square(count * 20, 0, 4),
    id: `mask-${count}`,
    label_class: null,
    origin: 'accepted',
    prediction: null,
    score: null,
    author: 1,
    ...fields,
  };
}

/** An open image that the person may edit. @param {ReturnType<typeof import('../../src/store/store.js').createStore>} store */
export function openImage(store) {
  store.session.set({
    phase: 'ready',
    role: 'annotator',
    user: { id: 1, name: 'ann' },
    image: /** @type {any} */ ({ id: 7, width: 200, height: 100, scale: 1, status: 'new', mask_count: 0, version: 1 }),
  });
}
