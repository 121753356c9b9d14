/** Which key runs what: the defaults of shortcuts.js, and over them what a person chose. */

/** @typedef {import('./shortcuts.js').Shortcut} Shortcut */
/** @typedef {Record<string, string[]>} OwnKeys  by the shortcut's id; only those that were changed */
/** @typedef {ReturnType<typeof createKeymap>} Keymap */

/** They end, move or hold something wherever they are pressed; or the browser keeps them. */
const TAKEN = new Set([
  'Escape', 'Enter', 'Tab', 'Shift+Tab', ' ', 'Ctrl+ ', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown',
  'Ctrl+T', 'Ctrl+W', 'Ctrl+N', 'Ctrl+Shift+T', 'Ctrl+Shift+W', 'Ctrl+Shift+N', 'Ctrl+R', 'F5', 'F11',
]);
const MODIFIERS = new Set(['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified']);

/**
 * @param {Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>} event
 * @returns {string} as shortcuts are written; Shift counts only where it does not make the character
 */
export function nameOf(event) {
  // Where letters are not Latin, the key that is a P elsewhere still is one.
  const foreign = event.key.length === 1 && event.key > '\x7f' && /^Key[A-Z]$/.test(event.code);
  const key = foreign ? event.code.slice(3) : event.key;
  const letter = /^[a-z]$/i.test(key);
  const named = key.length > 1;
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push('Ctrl');
  if (event.altKey) parts.push('Alt');
  if (event.shiftKey && (letter || named)) parts.push('Shift');
  parts.push(letter ? key.toUpperCase() : key);
  return parts.join('+');
}

/** @param {string} key @returns {boolean} whether a person may give it another meaning */
export const isFree = (key) => !TAKEN.has(key);

/** @param {KeyboardEvent} event @returns {boolean} while only Shift, Ctrl … are down there is no key yet */
export const isKey = (event) => !MODIFIERS.has(event.key) && !event.isComposing;

/** @param {readonly Shortcut[]} shortcuts @param {OwnKeys} own @param {string} key @returns {Shortcut | undefined} */
export const shortcutAt = (shortcuts, own, key) => shortcuts.find((s) => (own[s.id] ?? s.keys).includes(key));

/**
 * Gives the shortcut this one key; whoever had it loses it.
 * @param {readonly Shortcut[]} shortcuts @param {OwnKeys} own @param {string} id @param {string} key @returns {OwnKeys}
 */
export function withKey(shortcuts, own, id, key) {
  const before = shortcutAt(shortcuts, own, key);
  const others = before && before.id !== id
    ? { [before.id]: (own[before.id] ?? before.keys).filter((k) => k !== key) }
    : {};
  return { ...own, ...others, [id]: [key] };
}

/**
 * Back to the defaults; whoever was given one of these keys meanwhile loses it.
 * @param {readonly Shortcut[]} shortcuts @param {OwnKeys} own @param {string} id @returns {OwnKeys}
 */
export function withoutChange(shortcuts, own, id) {
  const defaults = shortcuts.find((s) => s.id === id)?.keys ?? [];
  const kept = Object.entries(own).filter(([other]) => other !== id);
  return Object.fromEntries(kept.map(([other, keys]) => [other, keys.filter((k) => !defaults.includes(k))]));
}

/**
 * @param {readonly Shortcut[]} shortcuts
 * @param {{get: () => {shortcuts: OwnKeys}, on: (listener: () => void) => void}} preferences
 * @param {(own: OwnKeys) => void} save
 */
export function createKeymap(shortcuts, preferences, save) {
  const own = () => preferences.get().shortcuts;

  return {
    nameOf,
    isFree,
    isKey,
    on: preferences.on,
    /** @returns {Shortcut[]} with the keys that hold for this person */
    all: () => shortcuts.map((s) => ({ ...s, keys: own()[s.id] ?? s.keys })),
    /** @param {string} key */
    at: (key) => shortcutAt(shortcuts, own(), key),
    /** @param {string} id */
    isChanged: (id) => id in own(),
    hasChanges: () => Object.keys(own()).length > 0,
    /** @param {string} key a default one @returns {string} the person's own for the same; empty: none */
    ownKey(key) {
      const shortcut = shortcutAt(shortcuts, {}, key);
      const changed = shortcut && own()[shortcut.id];
      return changed ? (changed[0] ?? '') : key;
    },
    /** @param {string} id @param {string} key */
    give: (id, key) => save(withKey(shortcuts, own(), id, key)),
    /** @param {string} id */
    reset: (id) => save(withoutChange(shortcuts, own(), id)),
    resetAll: () => save({}),
  };
}
