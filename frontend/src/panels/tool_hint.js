import { gettext } from '../i18n.js';
import { element, setText } from './element.js';

/** @type {Record<import('../store/view.js').ToolName, string>} */
const HINTS = {
  point: gettext('Click a nucleus. Shift+click adds to its mask, right click or Alt+click takes background away.'),
  box: gettext('Drag a box closely around a nucleus. A click does what the Point tool does.'),
  brush: gettext('Paint on a nucleus to extend it, or on empty ground to draw a new one. Alt+wheel changes its size.'),
  eraser: gettext('Wipe over a nucleus to take pixels away. Alt+wheel changes its size.'),
  lasso: gettext('Drag around a nucleus to draw it. Shift adds to the selected mask, Alt takes away; a click selects.'),
  polygon: gettext('Click corner by corner. Enter, a double click or the first corner closes it, Backspace goes back. Shift adds, Alt takes away.'),
  vertices: gettext('Drag a corner of the selected mask, or its line for a new one. Delete removes the corner under the pointer.'),
  knife: gettext('Draw a stroke across a mask to cut it, from outside to outside.'),
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
