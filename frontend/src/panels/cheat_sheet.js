import { gettext } from '../i18n.js';
import { element, iconButton } from './element.js';
import { icon } from './icons.js';
import { keyEditor } from './key_editor.js';
import { anyOf, keycaps } from './keycaps.js';

const WITH_THE_POINTER = [
  [gettext('Click'), gettext('Ask for the mask of a nucleus; on a mask: select it')],
  [gettext('Shift+click'), gettext('Add to the pending or selected mask')],
  [gettext('Right click, Alt+click'), gettext('Background: take away from it')],
  [gettext('Drag'), gettext('Move the image (point, hand)')],
  [gettext('Drag with Select'), gettext('Select what is inside; Shift adds, Alt draws a lasso; on a selected mask: move it')],
  [gettext('Space+drag, middle button'), gettext('Move the image in every tool')],
  [gettext('Arrow keys'), gettext('Move the image; Shift: further. With the crosshair on: move that')],
  [gettext('Wheel, pinch'), gettext('Zoom')],
  [gettext('Alt+wheel'), gettext('Brush and eraser size')],
  [gettext('Shift+drag, Alt+drag'), gettext('Lasso and polygon: add to the selected mask, take away')],
  [gettext('Two fingers'), gettext('Move and zoom')],
  [gettext('Rest a finger'), gettext('Background: take away from it')],
];

const GOOD_TO_KNOW = [
  gettext('A pending mask (yellow) waits for you. Clicking another nucleus leaves it pending; Enter accepts the latest, press it again for the one before.'),
  gettext('In fast mode a click is an accepted nucleus, and one undo takes it back. Answers below the least score of the proposals stay pending: look at them yourself.'),
  gettext('With the crosshair on, Enter clicks, Enter again accepts; Shift+Enter adds, Alt+Enter marks background.'),
  gettext('Everything is saved as you go, and everything can be undone.'),
];

/**
 * @param {import('./key_editor.js').Keymap} keymap shortcuts without a group are summed up
 * @param {() => void} showTour
 */
export function createCheatSheet(keymap, showTour) {
  const body = element('div', { class: 'sheet' });
  const said = element('p', { class: 'sheet-said', role: 'status' });
  const dialog = element(
    'dialog',
    { class: 'cheat-sheet', autofocus: true, 'aria-labelledby': 'cheat-title', 'data-testid': 'cheat-sheet' },
    body,
  );
  let editing = false;
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('keydown', (event) => {
    if (event.key === '?') dialog.close();
  });

  /** @param {boolean} on */
  function edit(on) {
    editing = on;
    said.textContent = on ? gettext('Press the button of a key, then the key that you would like.') : '';
    fill();
    /** @type {HTMLElement | null} */ (body.querySelector('[data-testid="edit-keys"]'))?.focus();
  }

  /** @param {string} text @param {string} id the shortcut whose button keeps the focus */
  function changed(text, id) {
    fill();
    said.textContent = text;
    /** @type {HTMLElement | null} */ (body.querySelector(`[data-shortcut="${id}"]`))?.focus();
  }

  function resetAll() {
    keymap.resetAll();
    edit(true);
    said.textContent = gettext('Every key is as it was at first.');
  }

  function fill() {
    const all = keymap.all();
    const groups = [...new Set(all.map(({ group }) => group).filter(Boolean))];
    const classes = all.filter(({ group, id }) => !group && id.startsWith('class.'));
    body.replaceChildren(
      element(
        'div',
        { class: 'sheet-head' },
        element('h2', { id: 'cheat-title', text: gettext('Keys and clicks') }),
        element('span', { class: 'spring' }),
        editing && keymap.hasChanges() && element('button', { type: 'button', class: 'button small', 'data-testid': 'reset-keys', text: gettext('Reset all keys'), onclick: resetAll }),
        !editing && element('button', { type: 'button', class: 'button small', 'data-testid': 'show-tour', text: gettext('Show the tour'), onclick: () => (dialog.close(), showTour()) }),
        element('button', { type: 'button', class: 'button small', 'data-testid': 'edit-keys', 'aria-pressed': String(editing), text: editing ? gettext('Finish') : gettext('Change keys'), onclick: () => edit(!editing) }),
        iconButton({ icon: icon('cross'), label: gettext('Close'), run: () => dialog.close(), side: 'bottom-left' }),
      ),
      said,
      element(
        'div',
        { class: 'sheet-columns' },
        !editing && section(gettext('Pointer'), WITH_THE_POINTER.map(([keys, label]) => line([element('b', { text: keys })], [label]))),
        ...groups.map((name) => {
          const lines = all.filter(({ group }) => group === name).map(shortcutLine);
          return section(name, name === gettext('Masks') && !editing ? [...lines, classKeys()] : lines);
        }),
        editing && section(gettext('Classes'), classes.map(shortcutLine)),
      ),
      element('ul', { class: 'good-to-know', hidden: editing }, ...GOOD_TO_KNOW.map((text) => element('li', { text }))),
    );
  }

  /** @param {import('./key_editor.js').Shortcut} shortcut */
  function shortcutLine(shortcut) {
    if (!editing) return line(shortcut.keys.length ? anyOf(shortcut.keys) : [gettext('none')], [shortcut.label]);
    const { keys, words } = keyEditor(keymap, shortcut, changed);
    return line([keys], words);
  }

  /** The number keys in one line. */
  function classKeys() {
    const shown = ['class.1', 'class.9'].flatMap((id) => keymap.all().find((s) => s.id === id)?.keys[0] ?? []);
    const caps = shown.flatMap((key, k) => [k ? ' … ' : '', ...keycaps(key)]);
    return line(caps, [gettext('Class of this nucleus, or of the next')]);
  }

  return {
    element: dialog,
    show() {
      editing = false;
      said.textContent = '';
      fill();
      dialog.showModal();
    },
  };
}

/** @param {string} title @param {Node[]} lines */
function section(title, lines) {
  return element('section', {}, element('h3', { text: title }), element('dl', {}, ...lines));
}

/** @param {(Node | string)[]} keys @param {(Node | string)[]} words */
function line(keys, words) {
  return element('div', {}, element('dt', {}, ...keys), element('dd', {}, ...words));
}
