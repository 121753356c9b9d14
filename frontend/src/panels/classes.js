import { activePending, selectedMask } from '../store/focus.js';
import { mayEdit } from '../store/session.js';
import { element } from './element.js';

/** @param {import('../store/store.js').Store} store @param {import('./app.js').Commands} commands */
export function createClasses(store, commands) {
  const { annotations, session, view } = store;
  const list = element('div', { class: 'class-list', role: 'radiogroup', 'aria-labelledby': 'classes-title' });
  const whose = element('p', { class: 'muted small' });

  function update() {
    const { classes } = session.get();
    const focused = activePending(store) ?? selectedMask(store);
    const chosen = focused ? focused.label_class : view.get().currentClass;
    whose.textContent = focused ? 'Class of this nucleus' : 'Class of the next nucleus';
    list.replaceChildren(row(null, 'No class', 'var(--unlabelled)', '`', chosen === null));
    classes.forEach(({ id, name, color }, k) => {
      list.append(row(id, name, color, k < 9 ? String(k + 1) : '', chosen === id));
    });
    if (!classes.length) {
      list.append(element('p', { class: 'muted small', text: 'This dataset has no classes yet. Its owner adds them on the dataset page.' }));
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
    const { classes, role, phase } = session.get();
    const focused = activePending(store) ?? selectedMask(store);
    const key = JSON.stringify([classes, role, phase, focused?.id, focused?.label_class, view.get().currentClass]);
    if (key === shown) return;
    shown = key;
    update();
  }

  for (const part of [session, view, annotations]) part.on(refresh);
  refresh();
  return element(
    'section',
    { class: 'panel', 'aria-labelledby': 'classes-title' },
    element('h2', { id: 'classes-title', text: 'Classes' }),
    whose,
    list,
  );
}
