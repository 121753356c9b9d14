import { gettext, ngettext } from '../i18n.js';
import { NOW } from '../store/comparison.js';
import { choice } from './controls.js';
import { element, setText } from './element.js';

/** @typedef {import('../store/comparison.js').CompareMode} CompareMode */
/** @typedef {import('../store/comparison.js').Side} Side */

/** Two sets of masks side by side, or one wiped over the other. @param {import('../store/store.js').Store} store */
export function createViewCompare({ annotations, comparison }) {
  const mode = choice({
    label: gettext('Compare'), testid: 'compare-mode', key: 'Shift+D',
    options: [
      { value: 'off', label: gettext('Nothing') },
      { value: 'swipe', label: gettext('With a swipe') },
      { value: 'side', label: gettext('Side by side') },
    ],
    change: (value) => comparison.set({ mode: /** @type {CompareMode} */ (value) }),
  });
  const sideOf = (/** @type {Side} */ side, /** @type {string} */ label) =>
    choice({ label, testid: `compare-set-${side}`, options: [], change: (value) => comparison.set({ [side]: value }) });
  const left = sideOf('left', gettext('Left'));
  const right = sideOf('right', gettext('Right'));
  const state = element('p', { class: 'muted small', role: 'status', 'data-testid': 'compare-state' });
  let offered = '';

  function update() {
    const now = comparison.get();
    mode.update(now.mode);
    if (JSON.stringify(now.sets) !== offered) {
      offered = JSON.stringify(now.sets);
      for (const side of [left, right]) side.offer(now.sets.map(({ id, label }) => ({ value: id, label })));
    }
    left.update(now.left);
    right.update(now.right);
    left.row.hidden = right.row.hidden = now.mode === 'off';
    state.hidden = now.mode === 'off';
    setText(state, describe());
  }

  function describe() {
    const { mode: chosen, left: leftId, rows, state: now } = comparison.get();
    if (chosen === 'off') return '';
    if (now === 'failed') return gettext('Not all sets could be loaded. Choose again to try again.');
    if (now === 'loading') return gettext('Loading…');
    const count = (/** @type {number} */ n) => ngettext('%(count)s nucleus', '%(count)s nuclei', n);
    const text = gettext('%(left)s on the left, %(right)s on the right.', {
      left: count(rows.left?.length ?? annotations.masks.size), right: count(rows.right?.length ?? 0),
    });
    return leftId === NOW ? `${text} ${gettext('The left side can be worked on.')}` : text;
  }

  comparison.on((now, before) => {
    if (now.at === before.at) update();
  });
  update();
  return [mode.row, left.row, right.row, state];
}
