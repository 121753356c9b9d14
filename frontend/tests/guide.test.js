import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { keyText } from '../src/panels/key_names.js';
import { createShortcuts } from '../src/tools/shortcuts.js';

const GUIDE = resolve(import.meta.dirname, '../../docs/annotating.md');
const CLASSES = '| Class of this nucleus, or of the next | `1` … `9` |';
const commands = new Proxy({}, { get: () => () => {} });

const cap = (key) => (key === '`' ? '`` ` ``' : `\`${keyText(key)}\``);
const row = ({ label, keys }) => `| ${label} | ${keys.map(cap).join(' or ')} |`;

test('the guide lists every shortcut with its default keys, and no others', () => {
  const [, table] = readFileSync(GUIDE, 'utf8').split(/<!-- keys:.*-->/);
  const rows = table.split('\n').filter((line) => line.startsWith('| ') && !line.endsWith('| |'));
  const named = createShortcuts(commands).filter(({ group }) => group);
  expect(rows.toSorted()).toEqual([...named.map(row), CLASSES].toSorted());
});
