/** What a person may do to masks, in any order. */
import fc from 'fast-check';
import { grow, shrink, smooth } from '../../src/geometry/morphology.js';
import { decode } from '../../src/geometry/rle.js';
import { acceptProposals, applyStroke, deleteMasks } from '../../src/store/edits.js';
import { select, selectedMasks } from '../../src/store/focus.js';
import { duplicate, merge, move, reshape } from '../../src/store/operations.js';
import { square } from './masks.js';

const place = fc.record({ x: fc.integer({ min: 0, max: 24 }), y: fc.integer({ min: 0, max: 16 }) });
export const steps = fc.oneof(
  fc.record({ do: fc.constant('draw'), at: place, side: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constantFrom('brush', 'erase'), at: place, side: fc.integer({ min: 1, max: 6 }), which: fc.nat(9) }),
  fc.record({ do: fc.constantFrom('delete', 'duplicate', 'merge', 'grow', 'shrink', 'smooth'), which: fc.nat(9), also: fc.nat(9) }),
  fc.record({ do: fc.constant('move'), which: fc.nat(9), also: fc.nat(9), dx: fc.integer({ min: -9, max: 9 }), dy: fc.integer({ min: -9, max: 9 }) }),
  fc.record({ do: fc.constantFrom('undo', 'redo') }),
  fc.record({ do: fc.constant('proposals'), at: place, side: fc.integer({ min: 2, max: 7 }) }),
);
const OPERATIONS = { grow, shrink, smooth };

/** @param {any} store @param {any} one of the steps above */
export function perform(store, one) {
  const rows = [...store.annotations.masks.values()];
  const [first, second] = [rows[one.which % rows.length], rows[one.also % rows.length]];
  const painted = one.at && decode(square(one.at.x, one.at.y, one.side));
  if (one.do === 'draw') return applyStroke(store, painted, false, null);
  if (one.do === 'undo' || one.do === 'redo') return store.history[one.do]();
  if (one.do === 'proposals') {
    const { x, y } = one.at;
    return acceptProposals(store, [square(x, y, one.side), square(x + 2, y, one.side)].map((shape) => ({ ...shape, score: 1 })));
  }
  if (!first) return;
  if (one.do === 'brush' || one.do === 'erase') return applyStroke(store, painted, one.do === 'erase', first.id);
  select(store, [first.id, ...(second ? [second.id] : [])]);
  if (one.do === 'delete') deleteMasks(store, selectedMasks(store));
  else if (one.do === 'move') move(store, one.dx, one.dy);
  else if (one.do === 'merge') merge(store);
  else if (one.do === 'duplicate') duplicate(store);
  else reshape(store, OPERATIONS[one.do]);
}
