import { gettext, ngettext } from '../i18n.js';
import { classKeys } from '../store/class_keys.js';
import { activePending, selectedMasks } from '../store/focus.js';
import { mayEdit } from '../store/session.js';
import { element } from './element.js';

/** @param {{label_class: number | null}[]} rows @returns {number | null | undefined} undefined: they differ */
function common(rows) {
  const [first] = rows;
  return rows.every((row) => row.label_class === first.label_class) ? first?.label_class : undefined;
}

/** @param {import('../store/store.js').Store} store @param {import('./app.js').Commands} commands */
export function createClasses(store, commands) {
  const { annotations, session, view } = store;
  const list = element('div', { class: 'class-list', role: 'radiogroup', 'aria-labelledby': 'classes-title' });
  const whose = element('p', { class: 'muted small' });

  /** @returns {{label_class: number | null}[]} */
  function focused() {
    const pending = activePending(store);
    return pending ? [pending] : selectedMasks(store);
  }

  function update() {
    const { classes, deletedClasses } = session.get();
    const rows = focused();
    const chosen = rows.length ? common(rows) : view.get().currentClass;
    whose.textContent = rows.length
      ? ngettext('Class of this nucleus', 'Class of these %(count)s nuclei', rows.length)
      : gettext('Class of the next nucleus');
    list.replaceChildren(row(null, gettext('No class'), 'var(--unlabelled)', '`', chosen === null));
    const keys = new Map([...classKeys(classes)].map(([key, { id }]) => [id, key]));
    for (const { id, name, color } of classes) list.append(row(id, name, color, keys.get(id) ?? '', chosen === id));
    for (const { id, name, color } of deletedClasses) {
      const gone = row(id, gettext('%(name)s (deleted)', { name }), color, '', chosen === id);
      gone.disabled = true;
      gone.title = gettext('Nuclei keep this class until it is purged. A manager can restore it from the dataset’s trash.');
      list.append(gone);
    }
    if (!classes.length) {
      list.append(element('p', { class: 'muted small', text: gettext('This dataset has no classes yet. Its owner adds them on the dataset page.') }));
    }
  }

  /** @param {number | null} id @param {string} name @param {string} color @param {string} key @param {boolean} chosen */
  function row(id, name, color, key, chosen) {
    const swatch = element('span', { class: 'swatch' });
    swatch.style.background = color;
    return element(
      'button',
      {
        type: 'button', role: 'radio', class: 'class-row', 'aria-checked': String(chosen),
        'data-testid': 'class-row', disabled: !mayEdit(session.get()), onclick: () => commands.setClass(id),
      },
      swatch,
      element('span', { class: 'name', text: name }),
      key && element('kbd', { text: key }),
    );
  }

  let shown = '';
  /** The rows are rebuilt only when they would differ: the pointer moves more often. */
  function refresh() {
    const { classes, deletedClasses, role, phase } = session.get();
    const rows = focused();
    const key = JSON.stringify([classes, deletedClasses, role, phase, rows.length, common(rows), view.get().currentClass]);
    if (key === shown) return;
    shown = key;
    update();
  }

  for (const part of [session, view, annotations]) part.on(refresh);
  refresh();
  return element(
    'section',
    { class: 'panel', 'aria-labelledby': 'classes-title' },
    element('h2', { id: 'classes-title', text: gettext('Classes') }),
    whose,
    list,
  );
}
