/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./annotations.js').Mask} Mask */
/** @typedef {import('./annotations.js').Pending} Pending */

/** @param {Store} store @returns {Mask | null} the selected mask, if no pending one stands for it */
export function selectedMask({ annotations, view }) {
  const id = view.get().selectedId;
  if (!id || annotations.pendings.has(id)) return null;
  return annotations.masks.get(id) ?? null;
}

/** @param {Store} store @returns {Pending | null} the pending mask that Enter and Delete are about */
export function activePending(store) {
  if (selectedMask(store)) return null;
  const { pendings } = store.annotations;
  const id = store.view.get().activeId;
  return (id && pendings.get(id)) || [...pendings.values()].pop() || null;
}

/** @param {Store} store @param {string | null} id of a mask or a pending mask */
export function focusOn({ annotations, view }, id) {
  const pending = id !== null && annotations.pendings.has(id);
  view.set({ selectedId: pending ? null : id, activeId: pending ? id : null });
}
