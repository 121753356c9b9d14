import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COLOR_BY, UNLABELLED, colorRule, legendOf } from '../../src/appearance/mask_colors.js';

const classes = [{ id: 3, color: '#ff0000' }, { id: 8, color: '#00ff00' }];
const authors = [{ id: 2, name: 'Ada' }, { id: 7, name: 'Ben' }];
const mask = { id: 'a', label_class: null, origin: /** @type {const} */ ('accepted'), score: null, author: null };
const anyMask = fc.record({
  id: fc.uuid(),
  label_class: fc.option(fc.constantFrom(3, 8, 99)),
  origin: fc.constantFrom('accepted', 'drawn', 'fixed', 'imported', 'consensus'),
  score: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  author: fc.option(fc.constantFrom(2, 7, 99)),
});

/** @param {any} colorBy */
const rule = (colorBy) => colorRule({ colorBy, classes, authors });

test('by class, masks have the colour that the dataset gave, and a deleted class has none', () => {
  const colorOf = rule('class');
  expect(colorOf({ ...mask, label_class: 8 })).toBe('#00ff00');
  expect(colorOf({ ...mask, label_class: null })).toBe(UNLABELLED);
  expect(colorOf({ ...mask, label_class: 99 })).toBe(UNLABELLED);
});

test('by instance, many nuclei share out all colours, and each keeps its own', () => {
  const colorOf = rule('instance');
  const ids = Array.from({ length: 600 }, (_, k) => `00000000-0000-4000-8000-${String(k).padStart(12, '0')}`);
  const counts = new Map();
  for (const id of ids) {
    const color = colorOf({ ...mask, id });
    expect(colorOf({ ...mask, id, label_class: 3 })).toBe(color);
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  expect(counts.size).toBe(12);
  expect(Math.max(...counts.values())).toBeLessThan(100);
});

test('by author, people differ, whatever the order they come in', () => {
  const colorOf = rule('author');
  const reversed = colorRule({ colorBy: 'author', classes, authors: [...authors].reverse() });
  const [ada, ben, nobody] = [2, 7, null].map((author) => colorOf({ ...mask, author }));
  expect(new Set([ada, ben, nobody]).size).toBe(3);
  expect(reversed({ ...mask, author: 2 })).toBe(ada);
});

test('by score, surer masks have another colour than unsure ones, and none without a score', () => {
  const colorOf = rule('score');
  const colors = [null, 0.1, 0.55, 0.75, 0.95].map((score) => colorOf({ ...mask, score }));
  expect(colors[1]).toBe(colorOf({ ...mask, score: 0.5 }));
  expect(new Set(colors).size).toBe(4);
});

test('every mask has a colour in every way of colouring, and the legend explains it', () => {
  fc.assert(
    fc.property(anyMask, fc.constantFrom(...COLOR_BY), (row, colorBy) => {
      const color = rule(colorBy)(/** @type {any} */ (row));
      expect(color).toMatch(/^#[0-9a-f]{6}$/);
      const legend = legendOf({ colorBy: /** @type {any} */ (colorBy), classes, authors });
      if (colorBy === 'status' || colorBy === 'score') expect(legend.map((entry) => entry.color)).toContain(color);
    }),
  );
});

test('a legend says each colour once', () => {
  for (const colorBy of /** @type {const} */ (['author', 'score', 'status'])) {
    const legend = legendOf({ colorBy, classes, authors });
    expect(legend.length).toBeGreaterThan(1);
    expect(new Set(legend.map((entry) => entry.color)).size).toBe(legend.length);
  }
});
