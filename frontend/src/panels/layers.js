import { gettext, ngettext } from '../i18n.js';
import { checkbox, slider } from './controls.js';
import { element, setText } from './element.js';

/**
 * @param {import('../store/store.js').Store} store @param {import('./app.js').Commands} commands
 * @param {{askForProposals: () => void}} page
 */
export function createLayers({ proposals, view }, commands, page) {
  const masks = checkbox({ label: gettext('Masks'), testid: 'show-masks', change: (showMasks) => view.set({ showMasks }) });
  const offers = checkbox({ label: gettext('Proposals'), testid: 'show-proposals', change: (showProposals) => view.set({ showProposals }) });
  const hover = checkbox({ label: gettext('Hover preview'), testid: 'hover-preview', key: 'W', change: (hoverPreview) => view.set({ hoverPreview }) });
  const score = slider({ label: gettext('Least score'), testid: 'proposal-score', change: (minScore) => view.set({ minScore }) });
  const state = element('p', { class: 'muted small', role: 'status', 'data-testid': 'proposals-state' });
  const again = element('button', { type: 'button', class: 'button small', text: gettext('Try again'), onclick: page.askForProposals });
  const rejected = element('span', { class: 'muted small', 'data-testid': 'rejected-proposals' });
  const restore = element('button', { type: 'button', class: 'button small', text: gettext('Bring back'), 'data-testid': 'restore-proposals', onclick: commands.restoreProposals });
  const acceptView = action(gettext('Accept in view'), 'Shift+A', 'accept-proposals', commands.acceptProposalsInView);
  const acceptAll = action(gettext('Accept all'), 'Ctrl+Shift+A', 'accept-all-proposals', commands.acceptAllProposals);
  const rejectView = action(gettext('Reject in view'), 'Shift+T', 'reject-proposals', commands.rejectProposalsInView);

  function update() {
    const now = view.get();
    masks.update(now.showMasks);
    offers.update(now.showProposals);
    hover.update(now.hoverPreview);
    score.update(now.minScore, now.minScore.toFixed(2));
    const count = proposals.visible(now.minScore).length;
    setText(state, describe(proposals.status, count, proposals.items.length));
    again.hidden = proposals.status !== 'failed';
    for (const button of [acceptView, acceptAll, rejectView]) button.disabled = !count || !now.showProposals;
    const gone = proposals.rejected;
    restore.hidden = rejected.hidden = !gone;
    setText(rejected, ngettext('%(count)s rejected, on this device', '%(count)s rejected, on this device', gone));
  }

  let before = view.get();
  view.on((now) => {
    const keys = /** @type {const} */ (['minScore', 'showMasks', 'showProposals', 'hoverPreview']);
    if (keys.some((key) => now[key] !== before[key])) update();
    before = now;
  });
  proposals.on(update);
  update();
  return element(
    'section',
    { class: 'panel', 'aria-labelledby': 'layers-title' },
    element('h2', { id: 'layers-title', text: gettext('Layers') }),
    masks.row,
    hover.row,
    offers.row,
    score.row,
    state,
    element('div', { class: 'actions' }, acceptView, acceptAll, rejectView, again),
    element('div', { class: 'actions' }, rejected, restore),
  );
}

/** @param {string} text @param {string} key @param {string} testid @param {() => void} run */
function action(text, key, testid, run) {
  return element('button', {
    type: 'button', class: 'button small', text, title: `${text}  ${key}`, 'data-testid': testid,
    'aria-keyshortcuts': key.replace('Ctrl', 'Control'), onclick: run,
  });
}

/** @param {string} status @param {number} shown @param {number} total @returns {string} */
function describe(status, shown, total) {
  if (status === 'thinking') return gettext('The model is looking at the image…');
  if (status === 'failed') return gettext('The model gave no proposals for this image.');
  if (status === 'none') return '';
  if (!total) return gettext('The model proposes nothing here.');
  return gettext('%(shown)s of %(total)s proposals shown', { shown, total });
}
