/** Commands about what the model proposes for the image: one proposal, those in view, all. */
import { visibleBox } from '../geometry/viewport.js';
import { gettext, ngettext } from '../i18n.js';
import { acceptProposals } from '../store/edits.js';
import { rejectProposals, restoreProposals } from '../store/rejections.js';
import { mayEdit } from '../store/session.js';

/** @typedef {import('../store/proposals.js').Proposal} Proposal */

/** @param {import('./tools.js').Context} context */
export function createProposalCommands({ store, picker, say }) {
  const { proposals, session, view } = store;
  const shown = () => view.get().showProposals && mayEdit(session.get());

  /** @returns {Proposal[]} */
  function underPointer() {
    const { crosshair, pointer } = view.get();
    const at = crosshair ?? pointer;
    const proposal = at && shown() ? picker.proposalAt(at) : null;
    return proposal ? [proposal] : [];
  }

  /** @returns {Proposal[]} */
  function inView() {
    const { viewport, screen } = view.get();
    return shown() ? picker.proposalsIn(visibleBox(viewport, screen)) : [];
  }

  /** @param {Proposal[]} rows */
  function acceptAll(rows) {
    if (!rows.length) return say(gettext('No proposals are shown here.'));
    const before = store.annotations.masks.size;
    if (!acceptProposals(store, rows)) return;
    say(
      ngettext(
        '%(count)s proposal accepted. Undo takes it back.',
        '%(count)s proposals accepted. Undo takes them back together.',
        store.annotations.masks.size - before,
      ),
    );
  }

  return {
    acceptProposal() {
      const rows = underPointer();
      if (rows.length) acceptProposals(store, rows);
      else say(gettext('Point at a proposal, a dashed outline, to accept it.'));
    },
    acceptProposalsInView: () => acceptAll(inView()),
    acceptAllProposals: () => acceptAll(shown() ? proposals.visible(view.get().minScore) : []),

    rejectProposal() {
      const rows = underPointer();
      if (rows.length) rejectProposals(store, rows);
      else say(gettext('Point at a proposal, a dashed outline, to reject it.'));
    },
    rejectProposalsInView() {
      const rows = inView();
      if (!rows.length) return say(gettext('No proposals are shown here.'));
      rejectProposals(store, rows);
      say(
        ngettext(
          '%(count)s proposal rejected. Undo brings it back.',
          '%(count)s proposals rejected. Undo brings them back.', rows.length,
        ),
      );
    },
    restoreProposals: () => restoreProposals(store),
  };
}
