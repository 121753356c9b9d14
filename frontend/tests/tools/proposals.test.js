import { beforeEach, expect, test, vi } from 'vitest';
import { createPicker } from '../../src/canvas/picker.js';
import { createStore } from '../../src/store/store.js';
import { createProposalCommands } from '../../src/tools/proposal_commands.js';
import { openImage, square } from '../store/masks.js';

let store;
let say;
let commands;
const OFFERS = [[10, 0.9], [40, 0.6], [70, 0.3], [180, 0.9]];
beforeEach(() => {
  store = createStore();
  openImage(store);
  store.view.set({ viewport: { scale: 1, tx: 0, ty: 0 }, screen: { width: 150, height: 100 }, minScore: 0.5 });
  say = vi.fn();
  commands = createProposalCommands({ store, picker: createPicker(store), say });
  propose();
});

/** The model says it again, as after a reload. */
function propose() {
  store.proposals.set('ready', 'prompt', OFFERS.map(([x, score]) => ({ ...square(x, 10, 8), score })));
}
const shown = () => store.proposals.visible(0.5).map(({ bbox }) => bbox[0]);
const accepted = () => [...store.annotations.masks.values()].map(({ bbox }) => bbox[0]);
const pointAt = (x) => store.view.set({ pointer: { x, y: 14 } });

test('the one under the pointer is rejected, stays away, and comes back with undo', () => {
  pointAt(14);
  commands.rejectProposal();
  expect(shown()).toEqual([40, 180]);
  propose();
  expect(shown()).toEqual([40, 180]);
  expect(store.proposals.rejected).toBe(1);
  store.history.undo();
  expect(shown()).toEqual([10, 40, 180]);
});

test('those in view are rejected together, but not those that the score hides', () => {
  commands.rejectProposalsInView();
  expect(shown()).toEqual([180]);
  expect(store.proposals.visible(0).map(({ bbox }) => bbox[0])).toEqual([70, 180]);
  store.history.undo();
  expect(shown()).toEqual([10, 40, 180]);
});

test('what was rejected can be brought back at any time', () => {
  commands.rejectProposalsInView();
  commands.restoreProposals();
  expect(shown()).toEqual([10, 40, 180]);
  store.history.undo();
  expect(shown()).toEqual([180]);
});

test('in view, or in the whole image, those above the score are accepted in one step', () => {
  commands.acceptProposalsInView();
  expect(accepted()).toEqual([10, 40]);
  store.history.undo();
  expect(accepted()).toEqual([]);
  commands.acceptAllProposals();
  expect(accepted()).toEqual([10, 40, 180]);
  expect(shown()).toEqual([]);
});

test('rejected ones are not accepted with the rest', () => {
  pointAt(14);
  commands.rejectProposal();
  commands.acceptAllProposals();
  expect(accepted()).toEqual([40, 180]);
});

test('of no proposal one is told where to point, and a viewer decides nothing', () => {
  pointAt(30);
  commands.rejectProposal();
  expect(say).toHaveBeenLastCalledWith(expect.stringContaining('dashed outline'));
  store.session.set({ role: 'viewer' });
  pointAt(14);
  commands.rejectProposal();
  commands.acceptAllProposals();
  expect(shown()).toEqual([10, 40, 180]);
});
