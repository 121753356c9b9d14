/** An image is handed in when nothing on it waits for a decision. */
import { beforeEach, expect, test, vi } from 'vitest';
import { patchMask } from '../../src/store/annotations.js';
import { decideConflict } from '../../src/store/conflicts.js';
import { createStore } from '../../src/store/store.js';
import { createCommands } from '../../src/tools/commands.js';
import { mask, openImage } from '../store/masks.js';

let store, move, say, commands;

beforeEach(() => {
  store = createStore();
  openImage(store);
  store.session.set({ image: { ...store.session.get().image, moves: ['submit'] } });
  move = vi.fn();
  say = vi.fn();
  commands = createCommands({ store, picker: {}, say }, {}, { move }, () => ({}));
});

test('two versions of a nucleus are decided between first', () => {
  const theirs = mask({ id: 'theirs' });
  const copy = mask({ id: 'copy', conflict_with: 'theirs' });
  store.annotations.apply({ patches: [patchMask(null, theirs), patchMask(null, copy)], origin: 'local', cause: 'edit' });
  commands.toggleSubmitted();
  expect(move).not.toHaveBeenCalled();
  expect(store.session.get().notices.at(-1).text).toContain('1 conflict is undecided');
  decideConflict(store, copy, 'both');
  commands.toggleSubmitted();
  expect(move).toHaveBeenCalledWith('submit');
});

test('what is handed in is taken back, or the page says why not', () => {
  const { image } = store.session.get();
  store.session.set({ image: { ...image, moves: ['reopen'] } });
  commands.toggleSubmitted();
  expect(move).toHaveBeenCalledWith('reopen');
  move.mockClear();
  store.session.set({ image: { ...image, moves: [], closed: 'Ann is reviewing this image.' } });
  commands.toggleSubmitted();
  expect(move).not.toHaveBeenCalled();
  expect(say).toHaveBeenCalledWith('Ann is reviewing this image.');
});
