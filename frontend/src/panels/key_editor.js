/** One line of the cheat sheet while keys are being changed: press the button, then the new key. */
import { gettext } from '../i18n.js';
import { element } from './element.js';
import { keyText } from './key_names.js';
import { anyOf } from './keycaps.js';

/** @typedef {{id: string, keys: string[], label: string, group: string}} Shortcut */
/**
 * @typedef {{
 *   all: () => Shortcut[], at: (key: string) => Shortcut | undefined, ownKey: (key: string) => string,
 *   isChanged: (id: string) => boolean, hasChanges: () => boolean, isFree: (key: string) => boolean,
 *   isKey: (event: KeyboardEvent) => boolean, nameOf: (event: KeyboardEvent) => string,
 *   give: (id: string, key: string) => void, reset: (id: string) => void, resetAll: () => void,
 *   on: (listener: () => void) => void,
 * }} Keymap
 */

/**
 * @param {Keymap} keymap @param {Shortcut} shortcut
 * @param {(text: string, id: string) => void} changed  draws the sheet anew, says so, and comes back here
 * @returns {{keys: Node, words: (Node | string)[]}}
 */
export function keyEditor(keymap, { id, keys, label }, changed) {
  const question = element('span', { class: 'key-question', role: 'alert' });
  const button = element(
    'button',
    {
      type: 'button', class: 'key-button', 'data-shortcut': id, onclick: listen, onblur: stop,
      'aria-label': keys.length
        ? gettext('Change the key of “%(label)s”, now %(keys)s', { label, keys: keys.map(keyText).join(` ${gettext('or')} `) })
        : gettext('Give “%(label)s” a key', { label }),
    },
    ...caps(),
  );
  let listening = false;

  /** @returns {(Node | string)[]} */
  function caps() {
    return keys.length ? anyOf(keys) : [gettext('none')];
  }

  function listen() {
    listening = true;
    button.replaceChildren(gettext('Press a key…'));
    question.replaceChildren();
    button.addEventListener('keydown', take);
  }

  function stop() {
    if (!listening) return;
    listening = false;
    button.removeEventListener('keydown', take);
    button.replaceChildren(...caps());
  }

  /** @param {KeyboardEvent} event */
  function take(event) {
    if (!keymap.isKey(event)) return;
    event.preventDefault();
    event.stopPropagation();
    const key = keymap.nameOf(event);
    stop();
    if (event.key === 'Escape') return;
    if (!keymap.isFree(key)) {
      question.replaceChildren(gettext('%(key)s always does the same and cannot be given away.', { key: keyText(key) }));
      return;
    }
    const owner = keymap.at(key);
    if (!owner || owner.id === id) return give(key);
    question.replaceChildren(
      gettext('%(key)s is “%(other)s”.', { key: keyText(key), other: owner.label }),
      ' ',
      element('button', { type: 'button', class: 'button small', text: gettext('Use it here instead'), onclick: () => give(key) }),
    );
    question.querySelector('button')?.focus();
  }

  /** @param {string} key */
  function give(key) {
    keymap.give(id, key);
    changed(gettext('“%(label)s” is now %(key)s.', { label, key: keyText(key) }), id);
  }

  function reset() {
    keymap.reset(id);
    changed(gettext('“%(label)s” has its key back.', { label }), id);
  }

  const undo = keymap.isChanged(id) &&
    element('button', {
      type: 'button', class: 'button small', text: gettext('Reset'), onclick: reset,
      'aria-label': gettext('Reset the key of “%(label)s”', { label }),
    });
  return { keys: button, words: [label, ' ', ...(undo ? [undo] : []), question] };
}
