/** Proposals that a person does not want to see again. Each call is one step to undo. */
import { patchRejection } from './annotations.js';
import { edit } from './edit.js';
import { keyOf } from './proposals.js';

/** @typedef {import('./store.js').Store} Store */

/** @param {Store} store @param {import('./proposals.js').Proposal[]} proposals */
export function rejectProposals(store, proposals) {
  edit(store, proposals.map((proposal) => patchRejection(null, { id: keyOf(proposal) })));
}

/** All of this image are proposed again. @param {Store} store */
export function restoreProposals(store) {
  const { rejections } = store.annotations;
  edit(store, [...rejections.values()].map((rejection) => patchRejection(rejection, null)));
}
