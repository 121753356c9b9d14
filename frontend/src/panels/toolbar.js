import { gettext } from '../i18n.js';
import { mayEdit } from '../store/session.js';
import { element, iconButton } from './element.js';
import { icon } from './icons.js';

/** @typedef {import('../store/store.js').Store} Store */

/** Those of a row share a place: the one that was used last is shown, the other unfolds beside it. */
const TOOLS = /** @type {const} */ ([
  [['point', gettext('Point: click a nucleus'), 'P']],
  [['box', gettext('Box: drag around a nucleus'), 'G']],
  [['brush', gettext('Brush'), 'B']],
  [['eraser', gettext('Eraser'), 'E']],
  [['lasso', gettext('Lasso: draw an outline'), 'L'], ['polygon', gettext('Polygon: click an outline'), 'Y']],
  [['vertices', gettext('Corners: edit an outline'), 'J'], ['knife', gettext('Knife: cut a mask'), 'K']],
  [['select', gettext('Select'), 'V']],
  [['pan', gettext('Hand'), 'H']],
]);

/** @param {Store} store @param {import('./app.js').Commands} commands */
export function createToolbar({ history, session, view }, commands) {
  const groups = TOOLS.map((row) =>
    row.map(([name, label, key]) => {
      const button = iconButton({ icon: icon(name), label, key, testid: `tool-${name}`, run: () => commands.useTool(name) });
      return { name, button };
    }),
  );
  const tools = groups.flat();
  for (const [first] of groups) first.button.toggleAttribute('data-lead', true);
  const toggle = (/** @type {'background' | 'fastMode'} */ setting, /** @type {string} */ label, /** @type {string | undefined} */ key) =>
    iconButton({
      icon: icon(setting === 'background' ? 'background' : 'fast'),
      label,
      key,
      testid: setting === 'background' ? 'background-clicks' : 'fast-mode',
      run: () => commands.toggle(setting),
    });
  const background = toggle('background', gettext('Clicks mark background'), undefined);
  const fast = toggle('fastMode', gettext('Fast mode: a click is an accepted nucleus'), 'F');
  const undo = iconButton({ icon: icon('undo'), label: gettext('Undo'), key: 'Ctrl+Z', testid: 'undo', run: commands.undo });
  const redo = iconButton({ icon: icon('redo'), label: gettext('Redo'), key: 'Ctrl+Shift+Z', testid: 'redo', run: commands.redo });

  const bar = element(
    'section',
    { class: 'toolbar', 'aria-label': gettext('Tools') },
    ...groups.map((row) =>
      row.length > 1 ? element('div', { class: 'tool-group' }, ...row.map(({ button }) => button)) : row[0].button,
    ),
    element('hr'),
    background,
    fast,
    element('hr'),
    undo,
    redo,
    element('hr'),
    iconButton({ icon: icon('zoomIn'), label: gettext('Zoom in'), key: '+', testid: 'zoom-in', run: commands.zoomIn }),
    iconButton({ icon: icon('zoomOut'), label: gettext('Zoom out'), key: '-', testid: 'zoom-out', run: commands.zoomOut }),
    iconButton({ icon: icon('fit'), label: gettext('Fit the image'), key: '0', testid: 'zoom-fit', run: commands.fit }),
    element('span', { class: 'spring' }),
    iconButton({ icon: icon('help'), label: gettext('Shortcuts'), key: '?', testid: 'help', run: commands.showHelp }),
  );

  function update() {
    const { tool, background: always, fastMode } = view.get();
    const editable = mayEdit(session.get());
    const row = groups.find((some) => some.some(({ name }) => name === tool));
    for (const { name, button } of row ?? []) button.toggleAttribute('data-lead', name === tool);
    for (const { name, button } of tools) {
      button.setAttribute('aria-pressed', String(name === tool));
      button.disabled = !editable && name !== 'pan' && name !== 'select';
    }
    background.setAttribute('aria-pressed', String(always));
    background.disabled = !editable || (tool !== 'point' && tool !== 'box');
    fast.setAttribute('aria-pressed', String(fastMode));
    fast.disabled = !editable;
    undo.disabled = !history.canUndo;
    redo.disabled = !history.canRedo;
  }

  view.on(update);
  session.on(update);
  history.on(update);
  update();
  return bar;
}
