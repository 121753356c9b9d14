import { expect, test } from 'vitest';
import { nameOf } from '../../src/tools/keymap.js';
import { createShortcuts } from '../../src/tools/shortcuts.js';

const commands = new Proxy({}, { get: () => () => {} });
const press = (key, modifiers = {}) =>
  nameOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...modifiers });

test('no key means two things', () => {
  const keys = createShortcuts(commands).flatMap((shortcut) => shortcut.keys);
  expect(new Set(keys).size).toBe(keys.length);
});

test('every shortcut has an id of its own, which may serve as a name', () => {
  const ids = createShortcuts(commands).map((shortcut) => shortcut.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z]+(\.[a-z0-9-]+)?$/);
});

test.each([
  ['a', {}, 'A'],
  ['A', { shiftKey: true }, 'Shift+A'],
  ['Z', { shiftKey: true, ctrlKey: true }, 'Ctrl+Shift+Z'],
  ['z', { metaKey: true }, 'Ctrl+Z'],
  ['?', { shiftKey: true }, '?'],
  ['+', { shiftKey: true }, '+'],
  ['[', { altKey: false }, '['],
  ['ArrowRight', { ctrlKey: true }, 'Ctrl+ArrowRight'],
  ['Enter', { shiftKey: true }, 'Shift+Enter'],
])('%s with %o is %s', (key, modifiers, name) => {
  expect(press(key, modifiers)).toBe(name);
});
