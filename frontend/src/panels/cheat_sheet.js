import { element, iconButton } from './element.js';
import { icon } from './icons.js';

const WITH_THE_POINTER = [
  ['Click', 'Ask for the mask of a nucleus; on a mask: select it'],
  ['Shift+click', 'Add to the pending or selected mask'],
  ['Right click, Alt+click', 'Background: take away from it'],
  ['Drag', 'Move the image (point, hand)'],
  ['Drag with Select', 'Select what is inside; Shift adds, Alt draws a lasso; on a selected mask: move it'],
  ['Space+drag, middle button', 'Move the image in every tool'],
  ['Wheel, pinch', 'Zoom'],
  ['Ctrl+wheel', 'Brush size'],
];

const GOOD_TO_KNOW = [
  'A pending mask (yellow) waits for you. Clicking another nucleus leaves it pending; Enter accepts the latest, press it again for the one before.',
  'In fast mode a click is an accepted nucleus, and one undo takes it back. Answers below the least score of the proposals stay pending: look at them yourself.',
  'With the crosshair on, Enter clicks, Enter again accepts; Shift+Enter adds, Alt+Enter marks background.',
  'Everything is saved as you go, and everything can be undone.',
];

/** @type {Record<string, string>} */
const KEYCAPS = { ArrowRight: '→', ArrowLeft: '←' };

/** @param {string} keys as in shortcuts: "Ctrl+Z", "+" @returns {(Node | string)[]} */
function keycaps(keys) {
  const names = keys === '+' ? [keys] : keys.split('+');
  return names.flatMap((name, k) => [k ? ' ' : '', element('kbd', { text: KEYCAPS[name] ?? name })]);
}

/** @param {string[]} keys @returns {(Node | string)[]} */
const anyOf = (keys) => keys.flatMap((key, k) => (k ? [' or ', ...keycaps(key)] : keycaps(key)));

/**
 * @param {() => {keys: string[], label: string, group: string}[]} shortcuts those without a group are summed up
 */
export function createCheatSheet(shortcuts) {
  const dialog = element('dialog', { class: 'cheat-sheet', autofocus: true, 'aria-labelledby': 'cheat-title', 'data-testid': 'cheat-sheet' });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('keydown', (event) => {
    if (event.key === '?') dialog.close();
  });

  function fill() {
    const rows = shortcuts().filter((shortcut) => shortcut.group);
    const groups = [...new Set(rows.map(({ group }) => group))];
    dialog.replaceChildren(
      element(
        'div',
        { class: 'sheet' },
        element(
          'div',
          { class: 'sheet-head' },
          element('h2', { id: 'cheat-title', text: 'Keys and clicks' }),
          iconButton({ icon: icon('cross'), label: 'Close', run: () => dialog.close(), side: 'bottom-left' }),
        ),
        element(
          'div',
          { class: 'sheet-columns' },
          section('Pointer', WITH_THE_POINTER.map(([keys, label]) => line([element('b', { text: keys })], label))),
          ...groups.map((name) => {
            const lines = rows
              .filter(({ group }) => group === name)
              .map(({ keys, label }) => line(anyOf(keys), label));
            return section(name, name === 'Masks' ? [...lines, classKeys()] : lines);
          }),
        ),
        element('ul', { class: 'good-to-know' }, ...GOOD_TO_KNOW.map((text) => element('li', { text }))),
      ),
    );
  }

  return {
    element: dialog,
    show() {
      fill();
      dialog.showModal();
    },
  };
}

const classKeys = () =>
  line([...keycaps('1'), ' … ', ...keycaps('9')], 'Class of this nucleus, or of the next');

/** @param {string} title @param {Node[]} lines */
function section(title, lines) {
  return element('section', {}, element('h3', { text: title }), element('dl', {}, ...lines));
}

/** @param {(Node | string)[]} keys @param {string} label */
function line(keys, label) {
  return element('div', {}, element('dt', {}, ...keys), element('dd', { text: label }));
}
