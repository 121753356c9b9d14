import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createPreferences } from '../../src/preferences.js';
import { createKeymap, nameOf, withKey, withoutChange } from '../../src/tools/keymap.js';

const SHORTCUTS = [
  { id: 'a', keys: ['A'], label: 'a', group: 'x', run() {} },
  { id: 'b', keys: ['B', 'Shift+B'], label: 'b', group: 'x', run() {} },
  { id: 'c', keys: ['C'], label: 'c', group: 'x', run() {} },
];
const keysOf = (own) => SHORTCUTS.map((s) => own[s.id] ?? s.keys);

function keymap() {
  const storage = { getItem: () => null, setItem() {}, removeItem() {} };
  const known = { shortcuts: {}, tourSeen: true };
  const preferences = createPreferences({ user: 1, known, save: async () => {}, storage });
  return createKeymap(SHORTCUTS, preferences, (own) => preferences.change({ shortcuts: own }));
}

const key = fc.constantFrom('A', 'B', 'Shift+B', 'C', 'D', 'Ctrl+Z');
const id = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(fc.tuple(fc.constant('give'), id, key), fc.tuple(fc.constant('reset'), id));

test('whatever a person changes, no key means two things', () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let own = {};
      for (const [what, which, to] of steps) {
        own = what === 'give' ? withKey(SHORTCUTS, own, which, to) : withoutChange(SHORTCUTS, own, which);
        const all = keysOf(own).flat();
        expect(new Set(all).size).toBe(all.length);
        if (what === 'give') expect(own[which]).toEqual([to]);
        else expect(keysOf(own)[SHORTCUTS.findIndex((s) => s.id === which)]).toEqual(SHORTCUTS.find((s) => s.id === which).keys);
      }
    }),
  );
});

test('a key that is given runs its shortcut, and the former owner no more', () => {
  const map = keymap();
  map.give('a', 'Shift+B');
  expect(map.at('Shift+B')?.id).toBe('a');
  expect(map.at('B')?.id).toBe('b');
  expect(map.at('A')).toBeUndefined();
  map.resetAll();
  expect(map.at('Shift+B')?.id).toBe('b');
  expect(map.hasChanges()).toBe(false);
});

test('what shows a default key learns the own one', () => {
  const map = keymap();
  expect(map.ownKey('A')).toBe('A');
  map.give('c', 'A');
  expect(map.ownKey('C')).toBe('A');
  expect(map.ownKey('A')).toBe('');
  expect(map.ownKey('Space')).toBe('Space');
});

test('Enter, Escape, the arrows and the browser’s own keys stay what they are', () => {
  const map = keymap();
  for (const taken of ['Enter', 'Escape', 'ArrowLeft', ' ', 'Tab', 'Ctrl+W']) expect(map.isFree(taken)).toBe(false);
  for (const free of ['G', 'Shift+Enter', 'F2', 'Ctrl+ArrowRight', 'ä']) expect(map.isFree(free)).toBe(true);
});

test.each([
  ['ز', 'KeyP', 'P'],
  ['в', 'KeyD', 'D'],
  ['ä', 'Quote', 'ä'],
])('%s on the key %s is %s: keyboards without Latin letters work, too', (character, code, name) => {
  const plain = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  expect(nameOf({ ...plain, key: character, code })).toBe(name);
});

test('listeners hear of a change', () => {
  const map = keymap();
  const heard = vi.fn();
  map.on(heard);
  map.give('a', 'Q');
  expect(heard).toHaveBeenCalledOnce();
});
