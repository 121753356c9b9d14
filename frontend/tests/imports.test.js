import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SOURCE = resolve(import.meta.dirname, '../src');

/** Folder or file → what of ours it may import; main.js may import everything. */
const MAY_IMPORT = {
  geometry: ['geometry'],
  appearance: ['appearance', 'i18n.js'],
  store: ['store', 'geometry', 'appearance', 'i18n.js'],
  canvas: ['canvas', 'store', 'geometry', 'appearance', 'i18n.js'],
  tools: ['tools', 'store', 'geometry', 'appearance', 'i18n.js'],
  panels: ['panels', 'store', 'geometry', 'appearance', 'i18n.js'],
  api: ['api', 'i18n.js'],
  inference: ['inference', 'api', 'store', 'geometry', 'i18n.js'],
  'arrival.js': ['store', 'geometry', 'i18n.js'],
  'autosave.js': ['saving', 'api', 'store', 'geometry', 'i18n.js'],
  saving: ['saving', 'api', 'store', 'geometry', 'i18n.js'],
  'i18n.js': [],
  'channels.js': ['appearance'],
  'comparison.js': ['store', 'i18n.js'],
  'timeline.js': ['store', 'i18n.js'],
  'journal.js': [],
  'preferences.js': ['store'],
  'comments.js': ['store', 'i18n.js'],
  'flow.js': ['store', 'i18n.js'],
  'navigation.js': ['flow.js', 'inference', 'store', 'i18n.js'],
  'review.js': ['store', 'i18n.js'],
  'scripting.js': ['store'],
  'unread.js': [],
  'view_settings.js': ['store'],
};
/** Whose packages from outside: the pure parts have none. */
const MAY_USE_PACKAGES = ['canvas', 'journal.js', 'inference/engines.js'];

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.js') && name !== 'main.js')
  .map((name) => join(SOURCE, name));

/** @param {string} file @returns {string} its folder, or its name when it lies at the top */
const roomOf = (file) => relative(SOURCE, file).split('/')[0];

/** @param {string} file @returns {string[]} what it imports when it runs; types do not count */
function importsOf(file) {
  const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  return [...code.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]);
}

test.each(files.map((file) => [relative(SOURCE, file), file]))('%s imports only what it may', (_, file) => {
  const room = roomOf(file);
  expect(MAY_IMPORT).toHaveProperty([room]);
  for (const path of importsOf(file)) {
    if (path.startsWith('.')) {
      expect(MAY_IMPORT[room], `${path} in ${room}`).toContain(roomOf(resolve(dirname(file), path)));
    } else {
      expect(MAY_USE_PACKAGES.some((one) => one === room || one === relative(SOURCE, file)), `the package ${path}`).toBe(true);
    }
  }
});
