/** Every change that a person makes goes through here: one call is one step to undo. */
import { gettext, ngettext } from '../i18n.js';
import { withoutOverlaps } from './overlap.js';
import { notify } from './session.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./annotations.js').Patch} Patch */

/**
 * @param {Store} store @param {Patch[]} patches
 * @param {string} [joins]  a row: this completes the step that touched it last, and is undone with it
 * @returns {boolean} whether anything changed
 */
export function edit(store, patches, joins) {
  const { annotations, session } = store;
  const allowed = withoutOverlaps(patches, annotations, session.get().overlapRule);
  if (allowed.covered) tellCovered(store, allowed.covered, allowed.patches.length > 0);
  annotations.apply({ patches: allowed.patches, origin: 'local', cause: 'edit', joins });
  return allowed.patches.length > 0;
}

/** @param {Store} store @param {number} covered @param {boolean} others changed */
function tellCovered({ session }, covered, others) {
  notify(session, {
    kind: 'info',
    text: others
      ? ngettext(
          'Masks must not overlap in this dataset: %(count)s was left out, because other nuclei cover it.',
          'Masks must not overlap in this dataset: %(count)s were left out, because other nuclei cover them.', covered,
        )
      : gettext('Masks must not overlap in this dataset, and other nuclei cover this one. Nothing was changed.'),
  });
}

/** @param {Store} store @returns {number | null} the author of new masks */
export const me = ({ session }) => session.get().user?.id ?? null;
