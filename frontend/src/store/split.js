import { encode } from '../geometry/rle.js';
import { patchMask, patchPending } from './annotations.js';
import { edit, me } from './edit.js';
import { select } from './focus.js';
import { toMask } from './edits.js';

/** @typedef {import('./annotations.js').Mask} Mask */

/**
 * One nucleus becomes several of its class; the first part keeps its id. A pending one is accepted by
 * it: who cuts a mask has decided that it is one.
 * @param {import('./store.js').Store} store @param {string} id of a mask or a pending mask
 * @param {import('../geometry/bitmap.js').Bitmap[]} parts
 */
export function split(store, id, parts) {
  const { annotations } = store;
  const pending = annotations.pendings.get(id);
  const before = annotations.masks.get(id) ?? null;
  const whole = pending?.shape ? toMask(store, pending, before) : before;
  if (!whole) return;
  const origin = whole.origin === 'drawn' ? 'drawn' : 'fixed';
  const masks = parts.map((part, k) => {
    const shape = /** @type {import('../geometry/rle.js').Shape} */ (encode(part));
    const own = k ? { id: crypto.randomUUID(), author: me(store) } : {};
    return /** @type {Mask} */ ({ ...whole, ...shape, origin, ...own });
  });
  const done = edit(store, [
    ...(pending ? [patchPending(pending, null)] : []),
    ...masks.map((mask, k) => patchMask(k ? null : before, mask)),
  ]);
  if (done) select(store, masks.map((mask) => mask.id).filter((part) => annotations.masks.has(part)));
}
