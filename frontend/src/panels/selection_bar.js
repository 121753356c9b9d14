/** Over the stage: what to select, and what can be done with what is selected. */
import { gettext, ngettext } from '../i18n.js';
import { selectedMasks } from '../store/focus.js';
import { mayEdit } from '../store/session.js';
import { element, iconButton, setText } from './element.js';
import { icon } from './icons.js';

/** @param {import('../store/store.js').Store} store @param {import('./app.js').Commands} commands */
export function createSelectionBar({ annotations, session, view }, commands) {
  /** @param {string} label @param {string} key @param {string} testid @param {() => void} run */
  const choice = (label, key, testid, run) =>
    element('button', {
      type: 'button', class: 'button small', text: label, onclick: run, 'data-testid': testid,
      title: `${label}  ${key}`, 'aria-keyshortcuts': key.replace('Ctrl', 'Control'),
    });
  /** @param {import('./icons.js').IconName} name @param {string} label @param {string} key @param {string} testid @param {() => void} run */
  const operation = (name, label, key, testid, run) =>
    iconButton({ icon: icon(name), label, key, testid, run, side: 'bottom' });

  const count = element('span', { class: 'count', 'data-testid': 'selection-count' });
  const choices = element(
    'div',
    { class: 'group', role: 'group', 'aria-label': gettext('Select') },
    element('span', { class: 'muted', text: gettext('Select') }),
    choice(gettext('In view'), 'Ctrl+A', 'select-in-view', commands.selectInView),
    choice(gettext('Mine'), 'Shift+M', 'select-mine', commands.selectMine),
    choice(gettext('Same class'), 'Shift+S', 'select-class', commands.selectClass),
  );
  const merge = operation('merge', gettext('Merge'), 'U', 'merge', commands.merge);
  const operations = element(
    'div',
    { class: 'group', role: 'group', 'aria-label': gettext('Selected nuclei') },
    merge,
    operation('fillHoles', gettext('Fill holes'), 'I', 'fill-holes', commands.fillHoles),
    operation('smooth', gettext('Smooth'), 'S', 'smooth', commands.smooth),
    operation('grow', gettext('Grow by a pixel'), '>', 'grow', commands.grow),
    operation('shrink', gettext('Shrink by a pixel'), '<', 'shrink', commands.shrink),
    operation('duplicate', gettext('Duplicate'), 'D', 'duplicate', commands.duplicate),
    operation('trash', gettext('Delete'), 'Delete', 'delete-selected', commands.remove),
  );
  const bar = element('div', { class: 'tool-options selection-bar', hidden: true }, choices, count, operations);

  function update() {
    const selected = selectedMasks({ annotations, view }).length;
    bar.hidden = session.get().phase !== 'ready' || (view.get().tool !== 'select' && selected < 2);
    if (bar.hidden) return;
    count.hidden = operations.hidden = !selected;
    operations.hidden ||= !mayEdit(session.get());
    merge.disabled = selected < 2;
    setText(count, ngettext('%(count)s selected', '%(count)s selected', selected));
  }

  view.on((now, before) => {
    if (now.selection !== before.selection || now.tool !== before.tool) update();
  });
  annotations.on(update);
  session.on(update);
  return bar;
}
