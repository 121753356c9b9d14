/** An image is done when nothing on it waits for a decision. */
import { beforeEach, expect, test, vi } from 'vitest';
import { patchMask } from '../../src/store/annotations.js';
import { decideConflict } from '../../src/store/conflicts.js';
import { createStore } from '../../src/store/store.js';
import { createCommands } from '../../src/tools/commands.js';
import { mask, openImage } from '../store/masks.js';

let store;
let setDone;
let commands;
beforeEach(() => {
  store = createStore();
  openImage(store);
  setDone = vi.fn();
  commands = createCommands({ store, picker: {}, say: vi.fn() }, {}, { setDone }, () => ({}));
});

test('two versions of a nucleus are decided between first', () => {
  const theirs = mask({ id: 'theirs' });
  const copy = mask({ id: 'copy', conflict_with: 'theirs' });
  store.annotations.apply({ patches: [patchMask(null, theirs), patchMask(null, copy)], origin: 'local', cause: 'edit' });
  commands.toggleDone();
  expect(setDone).not.toHaveBeenCalled();
  expect(store.session.get().notices.at(-1).text).toContain('1 conflict is undecided');
  decideConflict(store, copy, 'both');
  commands.toggleDone();
  expect(setDone).toHaveBeenCalledWith(true);
});
