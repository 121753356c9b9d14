import { afterEach, expect, test } from 'vitest';
import { gettext, ngettext } from '../src/i18n.js';

afterEach(() => delete globalThis.django);

test('without a catalogue the words of the source are shown', () => {
  expect(gettext('Undo')).toBe('Undo');
  expect(ngettext('%(count)s nucleus', '%(count)s nuclei', 1)).toBe('1 nucleus');
  expect(ngettext('%(count)s nucleus', '%(count)s nuclei', 0)).toBe('0 nuclei');
});

test('the catalogue has the last word, and values go where it puts them', () => {
  globalThis.django = {
    gettext: (text) => ({ '%(name)s is done': 'Fertig: %(name)s' })[text] ?? text,
    ngettext: (one, many, count) => (count === 1 ? '%(count)s Kern' : '%(count)s Kerne'),
  };
  expect(gettext('%(name)s is done', { name: 'a $& b' })).toBe('Fertig: a $& b');
  expect(ngettext('%(count)s nucleus', '%(count)s nuclei', 3)).toBe('3 Kerne');
});

test('a value that is not given leaves its hole, and a name may hold anything', () => {
  expect(gettext('%(who)s and %(what)s', { who: '%(what)s' })).toBe('%(what)s and %(what)s');
});
