import { gettext } from '../i18n.js';
import { element, setText } from './element.js';

/** @type {Record<import('../store/view.js').ToolName, string>} */
const HINTS = {
  point: gettext('Click a nucleus. Shift+click adds to its mask, right click or Alt+click takes background away.'),
  brush: gettext('Paint on a nucleus to extend it, or on empty ground to draw a new one.'),
  eraser: gettext('Wipe over a nucleus to take pixels away.'),
  select: gettext('Click or drag around masks; Shift adds or removes, Alt draws a lasso. Drag a selected mask to move it.'),
  pan: gettext('Drag to move. Holding the space bar does the same in every tool.'),
};
const FAST = gettext('Fast mode: a click is an accepted nucleus; undo takes it back. Unsure answers stay pending, in yellow.');
const VIEWER = gettext('You may look at this dataset, but not change it.');

/** One line on what the tool in hand does. @param {import('../store/store.js').Store} store */
export function createToolHint({ session, view }) {
  const hint = element('span', { class: 'tool-hint' });

  function update() {
    const { tool, fastMode } = view.get();
    const active = fastMode && tool === 'point' ? FAST : HINTS[tool];
    setText(hint, session.get().role === 'viewer' ? VIEWER : active);
    hint.title = hint.textContent ?? '';
  }

  view.on(update);
  session.on(update);
  update();
  return hint;
}
