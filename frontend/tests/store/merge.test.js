import fc from 'fast-check';
import { expect, test } from 'vitest';
import { merge, sameMask } from '../../src/store/merge.js';
import { mask, square } from './masks.js';

const base = mask({ id: 'a', label_class: 1 });
const moved = (k) => ({ ...base, ...square(k, 50, 3) });
const classed = (label_class) => ({ ...base, label_class });

test.each([
  ['nothing here, a shape there', base, moved(1), 'theirs', moved(1)],
  ['a shape here, nothing there', moved(1), base, 'mine', moved(1)],
  ['the same shape here and there', moved(1), moved(1), 'theirs', moved(1)],
  ['a shape here, a class there', moved(1), classed(2), 'mine', { ...moved(1), label_class: 2 }],
  ['a class here, a shape there', classed(2), moved(1), 'mine', { ...moved(1), label_class: 2 }],
  ['two classes', classed(2), classed(3), 'choose', classed(3)],
  ['two shapes', moved(1), moved(2), 'copy', moved(2)],
  ['a shape and a class here, another class there', { ...moved(1), label_class: 2 }, classed(3), 'copy', classed(3)],
  ['deleted here and there', null, null, 'theirs', null],
  ['deleted here, nothing there', null, base, 'mine', null],
  ['deleted here, a shape there', null, moved(1), 'kept', moved(1)],
  ['deleted here, a class there', null, classed(2), 'kept', classed(2)],
  ['a shape here, deleted there', moved(1), null, 'mine', moved(1)],
  ['nothing here, deleted there', base, null, 'theirs', null],
  ['decided here, a class there', { ...base, conflict_with: 'b' }, classed(2), 'mine', { ...classed(2), conflict_with: 'b' }],
])('%s', (_, mine, theirs, outcome, expected) => {
  const merged = merge(base, mine, theirs);
  expect(merged.outcome).toBe(outcome);
  expect(sameMask(merged.mask, expected)).toBe(true);
});

const masks = fc.option(fc.record({ shape: fc.nat(2), label: fc.nat(2) }).map(({ shape, label }) => ({ ...moved(shape), label_class: label })));

test('every side that anyone changed is in the outcome, or the change is kept apart', () => {
  fc.assert(
    fc.property(masks, masks, masks, (saw, mine, theirs) => {
      const { outcome, mask: merged } = merge(saw, mine, theirs);
      if (['copy', 'choose', 'kept'].includes(outcome)) {
        expect(sameMask(merged, theirs)).toBe(true);
        expect(sameMask(mine, saw)).toBe(false);
        return;
      }
      for (const side of ['counts', 'bbox', 'label_class']) {
        const [was, here, there, now] = [saw, mine, theirs, merged].map((row) => row && String(row[side]));
        if (mine && here !== was) expect(now).toBe(here);
        if (theirs && there !== was && here === was) expect(now).toBe(mine ? there : now);
      }
      if (outcome === 'theirs') expect(sameMask(merged, theirs)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('merging again changes nothing', () => {
  fc.assert(
    fc.property(masks, masks, masks, (saw, mine, theirs) => {
      const { outcome, mask: merged } = merge(saw, mine, theirs);
      if (outcome === 'mine') expect(sameMask(merge(theirs, merged, theirs).mask, merged)).toBe(true);
      if (outcome === 'mine') expect(merge(theirs, merged, merged).outcome).toBe('theirs');
    }),
  );
});
