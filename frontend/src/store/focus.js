/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./annotations.js').Mask} Mask */
/** @typedef {import('./annotations.js').Pending} Pending */

/** @param {Store} store @returns {Mask | null} the only selected mask, if no pending one stands for it */
export function selectedMask({ annotations, view }) {
  const id = view.get().selectedId;
  if (!id || annotations.pendings.has(id)) return null;
  return annotations.masks.get(id) ?? null;
}

/** @param {Pick<Store, 'annotations' | 'view'>} store @returns {Mask[]} in the order in which they were selected */
export function selectedMasks({ annotations, view }) {
  /** @type {Mask[]} */
  const masks = [];
  for (const id of view.get().selection) {
    const mask = annotations.pendings.has(id) ? undefined : annotations.masks.get(id);
    if (mask) masks.push(mask);
  }
  return masks;
}

/** @param {Store} store @returns {Pending | null} the pending mask that Enter and Delete are about */
export function activePending(store) {
  if (hasSelection(store)) return null;
  const { pendings } = store.annotations;
  const id = store.view.get().activeId;
  return (id && pendings.get(id)) || [...pendings.values()].pop() || null;
}

/** @param {Store} store @returns {boolean} */
function hasSelection({ annotations, view }) {
  for (const id of view.get().selection) {
    if (annotations.masks.has(id) && !annotations.pendings.has(id)) return true;
  }
  return false;
}

/** @param {Store} store @param {string | null} id of a mask or a pending mask */
export function focusOn({ annotations, view }, id) {
  const pending = id !== null && annotations.pendings.has(id);
  const selectedId = pending ? null : id;
  view.set({ selectedId, selection: new Set(selectedId ? [selectedId] : []), activeId: pending ? id : null });
}

/** @param {Store} store @param {Iterable<string>} ids of masks */
export function select({ view }, ids) {
  const selection = new Set(ids);
  const [first] = selection;
  view.set({ selection, selectedId: selection.size === 1 ? first : null, activeId: null });
}

/** @param {Store} store @param {Iterable<string>} ids  those that are all selected already are let go */
export function toggleSelected(store, ids) {
  const selection = new Set(selectedMasks(store).map(({ id }) => id));
  const toggled = [...ids];
  const known = toggled.every((id) => selection.has(id));
  for (const id of toggled) {
    if (known) selection.delete(id);
    else selection.add(id);
  }
  select(store, selection);
}
