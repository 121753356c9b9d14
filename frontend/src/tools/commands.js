/** Everything a button or a key can ask for. */
import { COLOR_BY } from '../appearance/mask_colors.js';
import { MASK_STYLES, nextOf } from '../appearance/mask_style.js';
import { gettext, ngettext } from '../i18n.js';
import { classKeys } from '../store/class_keys.js';
import { conflictCopies, decideConflict } from '../store/conflicts.js';
import { COMPARE_MODES } from '../store/comparison.js';
import { accept, askAgain, deleteMasks, reject, setClass } from '../store/edits.js';
import { activePending, focusOn, selectedMasks } from '../store/focus.js';
import { mayEdit, notify } from '../store/session.js';
import { createCommentCommands } from './comment_commands.js';
import { createCrosshairCommands } from './crosshair_commands.js';
import { createProposalCommands } from './proposal_commands.js';
import { createSelectionCommands } from './selection_commands.js';

/** @typedef {import('./tools.js').Context} Context */
/** @typedef {import('../geometry/stroke.js').Point} Point */
/** @typedef {ReturnType<typeof createCommands>} Commands */
/**
 * @typedef {{
 *   fit: () => void, pan: (dx: number, dy: number) => void, zoom: (factor: number) => void, reveal: (point: Point) => void,
 *   lookAt: (point: Point) => void,
 * }} Camera
 */
/**
 * What only the whole page can do.
 * @typedef {{
 *   openNeighbour: (step: 1 | -1) => void, openNextInNeed: () => void, move: (move: import('../store/session.js').Move, note?: string) => void, askForNote: () => void,
 *   review: Pick<ReturnType<typeof import('../review.js').createReviewing>, 'next' | 'previous' | 'judge' | 'cycleDiff'>,
 *   showHelp: () => void,
 * }} Page
 */

const BRUSH_SIZES = { least: 1, most: 400 };
const LOOK_STEP = 64;
const styleWords = {
  outline: () => gettext('outlines only'),
  fill: () => gettext('filled'),
  both: () => gettext('outlined and filled'),
};
const compareWords = {
  off: () => gettext('Comparison off.'),
  swipe: () => gettext('Drag the border, or go to it with Tab and use the arrow keys.'),
  side: () => gettext('Both sides move together.'),
};
const colorWords = {
  class: () => gettext('Coloured by class.'),
  instance: () => gettext('Every nucleus in a colour of its own.'),
  author: () => gettext('Coloured by author.'),
  score: () => gettext('Coloured by the model’s score.'),
  status: () => gettext('Coloured by how it was made.'),
};

/**
 * @param {Context} context @param {Camera} camera @param {Page} page
 * @param {() => import('./tools.js').Tool} tool the one in hand
 */
export function createCommands(context, camera, page, tool) {
  const { store, say } = context;
  const { annotations, comparison, history, session, view } = store;
  const editable = () => mayEdit(session.get());

  function acceptActive() {
    if (!editable()) return;
    if (tool().finish?.()) return;
    const pending = activePending(store);
    if (!pending) return focusOn(store, null);
    if (accept(store, [pending])) {
      if (pending.status === 'thinking') say(gettext('It will be accepted as soon as the model answers.'));
    } else if (pending.status !== 'thinking') {
      say(gettext('There is no mask to accept. Click again, draw it with the brush, or press Delete.'));
    }
  }

  function remove() {
    if (!editable()) return;
    const masks = selectedMasks(store);
    if (masks.length) return deleteMasks(store, masks);
    const pending = activePending(store);
    if (pending) reject(store, pending);
  }

  return {
    ...createSelectionCommands(context),
    ...createProposalCommands(context),
    ...createCommentCommands(context, camera),
    ...createCrosshairCommands(context, camera, tool, acceptActive),

    /** @param {import('../store/view.js').ToolName} name */
    useTool(name) {
      if (!editable() && name !== 'pan' && name !== 'select') return;
      tool().cancel?.();
      view.set({ tool: name });
    },

    acceptActive,

    /** A pending mask is rejected, a selected one let go. */
    escape() {
      const { stroke, draft, lasso, shift } = view.get();
      if (stroke || draft || lasso || shift) return tool().cancel?.();
      const pending = activePending(store);
      if (pending) return reject(store, pending);
      if (view.get().crosshair) return view.set({ crosshair: null });
      focusOn(store, null);
    },

    remove,

    /** The keys take back a part of what the tool is at, before they take the whole mask. */
    removeLast() {
      if (editable() && !tool().back?.()) remove();
    },

    askAgain() {
      const pending = activePending(store);
      if (pending?.status === 'failed') askAgain(store, pending);
    },

    /** Of what is being drawn, the last step; of what is being dragged, all of it. */
    undo() {
      const { draft, lasso, shift, stroke } = view.get();
      if (draft?.kind === 'polygon') return void tool().back?.();
      if (draft || lasso || shift || stroke) return tool().cancel?.();
      if (!editable()) return;
      if (isArrivingIn(store, history.steps.done.at(-1), 'after')) return say(STILL_LOADING());
      if (!history.undo()) say(gettext('There is nothing to undo.'));
      else if (history.skipped) say(gettext('Someone else has changed this meanwhile, so it stays as it is.'));
    },

    redo() {
      if (!editable()) return;
      if (isArrivingIn(store, history.steps.undone.at(-1), 'before')) return say(STILL_LOADING());
      if (!history.redo()) say(gettext('There is nothing to redo.'));
      else if (history.skipped) say(gettext('Someone else has changed this meanwhile, so it stays as it is.'));
    },

    /** @param {import('../store/annotations.js').Mask} mask to look at, and to select */
    showMask(mask) {
      const [x, y, width, height] = mask.bbox;
      camera.lookAt({ x: x + width / 2, y: y + height / 2 });
      focusOn(store, mask.id);
    },

    nextConflict() {
      const copies = conflictCopies(annotations);
      if (!copies.length) return say(gettext('There are no conflicts.'));
      const at = copies.findIndex(({ id }) => view.get().selection.has(id));
      this.showMask(copies[(at + 1) % copies.length]);
    },

    /** @param {import('../store/annotations.js').Mask} copy @param {import('../store/conflicts.js').Decision} keep */
    decide: (copy, keep) => editable() && decideConflict(store, copy, keep),

    /** @param {number} steps up or down, in proportion to the size */
    resizeBrush(steps) {
      const { brushSize } = view.get();
      const next = steps > 0 ? Math.ceil(brushSize * 1.15 + 0.5) : Math.floor(brushSize / 1.15 - 0.25);
      view.set({ brushSize: Math.max(BRUSH_SIZES.least, Math.min(BRUSH_SIZES.most, next)) });
    },

    /** @param {number | null} id */
    setClass: (id) => editable() && setClass(store, id),

    /** @param {number} number of the key */
    setClassAt(number) {
      const found = classKeys(session.get().classes).get(String(number));
      if (found && editable()) setClass(store, found.id);
    },

    /** Outlines only, and back. */
    toggleOutline: () => view.set({ maskStyle: view.get().maskStyle === 'outline' ? 'both' : 'outline' }),

    cycleMaskStyle() {
      const maskStyle = nextOf(MASK_STYLES, view.get().maskStyle);
      view.set({ maskStyle });
      say(gettext('Masks: %(style)s.', { style: styleWords[maskStyle]() }));
    },

    /** @param {import('../store/view.js').ViewSection} name of the view panel */
    toggleSection(name) {
      const { openSections } = view.get();
      const open = !openSections.includes(name);
      const others = openSections.filter((other) => other !== name);
      view.set({ openSections: open ? [...others, name] : others, sectionInFocus: open ? name : null });
    },

    cycleCompare() {
      const mode = nextOf(COMPARE_MODES, comparison.get().mode);
      comparison.set({ mode });
      say(compareWords[mode]());
    },

    cycleColorBy() {
      const colorBy = nextOf(COLOR_BY, view.get().colorBy);
      view.set({ colorBy });
      say(colorWords[colorBy]());
    },

    /** @param {'fastMode' | 'background' | 'showMasks' | 'showProposals' | 'hoverPreview' | 'minimap' | 'pixelGrid' | 'scaleBar'} setting */
    toggle(setting) {
      if (setting === 'fastMode' && !editable()) return;
      view.set({ [setting]: !view.get()[setting] });
    },

    toggleUncertain() {
      const uncertainParts = !view.get().uncertainParts;
      view.set({ uncertainParts });
      if (uncertainParts && !session.get().image?.uncertain_tiles?.length) say(gettext('The model has not said of which parts of this image it is unsure.'));
    },

    /** @param {boolean} hidden */
    hide: (hidden) => view.set({ hidden }),

    /** @param {number} dx @param {number} dy steps to look further that way @param {boolean} far */
    look(dx, dy, far) {
      const step = far ? 4 * LOOK_STEP : LOOK_STEP;
      camera.pan(-dx * step, -dy * step);
    },

    reveal: camera.reveal,
    lookAt: camera.lookAt,
    fit: camera.fit,
    zoomIn: () => camera.zoom(1.25),
    zoomOut: () => camera.zoom(0.8),
    nextInNeed: () => page.openNextInNeed(),
    nextImage: () => page.openNeighbour(1),
    previousImage: () => page.openNeighbour(-1),
    showHelp: page.showHelp,

    /** @param {import('../store/session.js').Move} move that this person may be able to make now */
    move(move) {
      const { image } = session.get();
      if (!image?.moves?.includes(move)) return say(image?.closed ?? gettext('This cannot be done with the image now.'));
      if (move === 'return') page.askForNote();
      else page.move(move);
    },

    nextNucleus: () => page.review.next(),
    previousNucleus: () => page.review.previous(),
    /** @param {'accepted' | 'returned'} choice */
    judge: (choice) => page.review.judge(choice),
    cycleDiff: () => page.review.cycleDiff(),

    /** Hands the image in, or takes it back. */
    toggleSubmitted() {
      const { image } = session.get();
      if (!image) return;
      if (image.moves?.includes('reopen')) return page.move('reopen');
      if (!image.moves?.includes('submit')) return image.closed ? say(image.closed) : undefined;
      const undecided = whatIsUndecided(annotations);
      if (undecided) return notify(session, { kind: 'warn', text: undecided });
      page.move('submit');
    },
  };
}

/**
 * A step of an earlier visit may be about masks that have not come from the server yet: taken back
 * now, it would find them missing and believe that somebody else has deleted them.
 * @param {import('../store/store.js').Store} store
 * @param {import('../store/annotations.js').Patch[] | undefined} step
 * @param {'before' | 'after'} state that the masks have to be in
 */
function isArrivingIn({ annotations, session }, step, state) {
  if (!session.get().arriving || !step) return false;
  return step.some((patch) => patch.kind === 'mask' && patch[state] && !annotations.masks.has(patch.id));
}

/**
 * @param {import('../store/annotations.js').Annotations} annotations
 * @returns {string} why the image cannot be handed in yet; empty when nothing waits for a decision
 */
function whatIsUndecided(annotations) {
  const open = annotations.pendings.size;
  if (open) {
    return ngettext(
      '%(count)s mask is still pending. Accept (Enter) or reject (Delete) it first, then submit the image.',
      '%(count)s masks are still pending. Accept (Enter) or reject (Delete) them first, then submit the image.',
      open,
    );
  }
  const copies = conflictCopies(annotations).length;
  if (!copies) return '';
  return ngettext(
    '%(count)s conflict is undecided. Decide it in the panel (Shift+X shows it), then submit the image.',
    '%(count)s conflicts are undecided. Decide them in the panel (Shift+X shows the next), then submit the image.',
    copies,
  );
}

const STILL_LOADING = () => gettext('The nuclei of this step are still loading. Try again in a moment.');
