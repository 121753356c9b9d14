/** Puts the panels around the stage. */
import { gettext } from '../i18n.js';
import { createBrushSize } from './brush_size.js';
import { createCheatSheet } from './cheat_sheet.js';
import { createClasses } from './classes.js';
import { createConflicts } from './conflicts.js';
import { createCommentMarkers } from './comment_markers.js';
import { createCommentsPanel } from './comments.js';
import { createCompareHandle } from './compare_handle.js';
import { createCover } from './cover.js';
import { createDecision } from './decision.js';
import { element } from './element.js';
import { createFlowBanner } from './flow_banner.js';
import { createHeader } from './header.js';
import { createImages } from './images.js';
import { createInstructions } from './instructions.js';
import { createLayers } from './layers.js';
import { createLeaseBanner } from './lease_banner.js';
import { createMinimap } from './minimap.js';
import { createHint, createNotices } from './notices.js';
import { createResolution } from './resolution.js';
import { createReturnDialog } from './return_dialog.js';
import { createSelectionBar } from './selection_bar.js';
import { showOwnKeys } from './own_keys.js';
import { createStatusBar } from './status_bar.js';
import { createToolbar } from './toolbar.js';
import { createTour } from './tour.js';
import { createViewAids } from './view_aids.js';
import { createViewCompare } from './view_compare.js';
import { createViewHistory } from './view_history.js';
import { createViewImage } from './view_image.js';
import { createViewMasks } from './view_masks.js';
import { createViewPanel } from './view_panel.js';

/**
 * The commands that panels use, as the tools provide them.
 * @typedef {{
 *   useTool: (name: import('../store/view.js').ToolName) => void,
 *   toggle: (setting: 'fastMode' | 'background' | 'showMasks' | 'showProposals' | 'hoverPreview') => void,
 *   setClass: (id: number | null) => void, undo: () => void, redo: () => void,
 *   zoomIn: () => void, zoomOut: () => void, fit: () => void,
 *   lookAt: (point: import('../geometry/stroke.js').Point) => void,
 *   reveal: (point: import('../geometry/stroke.js').Point) => void, showHelp: () => void,
 *   acceptActive: () => void, remove: () => void, askAgain: () => void,
 *   acceptProposalsInView: () => void, acceptAllProposals: () => void,
 *   rejectProposalsInView: () => void, restoreProposals: () => void, toggleSubmitted: () => void,
 *   nextImage: () => void, previousImage: () => void,
 *   selectInView: () => void, selectMine: () => void, selectClass: () => void,
 *   merge: () => void, fillHoles: () => void, smooth: () => void, grow: () => void, shrink: () => void,
 *   duplicate: () => void, beginComment: () => void,
 *   showThread: (thread: import('../store/comments.js').Comment) => void,
 * } & import('./conflicts.js').Commands} Commands
 */
/**
 * @typedef {{
 *   datasetUrl: string, imageUrl: (id: number) => string, openImage: (id: number) => void,
 *   loadMoreImages: () => void, reload: () => void, askForProposals: () => void,
 *   retrySaving: () => void, discardRefused: () => void, signInUrl: string, toggleSide: () => void,
 *   chooseLease: (choice: 'look' | 'beside') => void, askForLease: () => void, takeLease: () => void,
 *   setResolution: (resolution: import('./resolution.js').Resolution) => Promise<void>,
 *   history: ReturnType<typeof import('../timeline.js').watchTimeline>,
 *   talk: import('./comments.js').Talk, flow: import('./flow_banner.js').Flow,
 * }} Page
 */

/** @param {import('../store/store.js').Store} store @param {Commands} commands @param {Page} page */
function createView(store, commands, page) {
  return createViewPanel(store, [
    { name: 'masks', title: gettext('Masks'), body: createViewMasks(store) },
    { name: 'image', title: gettext('Image'), key: 'Shift+V', body: createViewImage(store) },
    { name: 'aids', title: gettext('Finding one’s way'), body: createViewAids(store) },
    { name: 'compare', title: gettext('Comparison'), key: 'Shift+D', body: createViewCompare(store) },
    { name: 'history', title: gettext('History'), key: 'Shift+H', body: createViewHistory(store, commands, page) },
  ]);
}

/**
 * @param {HTMLElement} root @param {import('../store/store.js').Store} store
 * @param {import('./key_editor.js').Keymap} keymap
 * @param {() => void} tourSeen
 */
export function createFrame(root, store, keymap, tourSeen) {
  const stage = element('div', {
    id: 'stage', class: 'stage', tabindex: 0, role: 'application', 'data-testid': 'stage',
    'aria-label': gettext('Microscope image. Press C for a crosshair that the arrow keys move, question mark for all keys.'),
  });
  const hint = createHint();
  const tour = createTour(root, () => {
    tourSeen();
    stage.focus({ preventScroll: true });
  });
  const sheet = createCheatSheet(keymap, tour.show);

  return {
    stage,
    say: hint.say,
    showHelp: sheet.show,
    showTour: tour.show,
    /** @param {Commands} commands @param {Page} page */
    fill(commands, page) {
      const decision = createDecision(store, commands);
      const resolution = createResolution(store, page.setResolution);
      const markers = createCommentMarkers(store, commands);
      const returning = createReturnDialog({ summary: () => page.flow.review.summary(), returnImage: (note) => void page.flow.move('return', note) });
      stage.append(markers.element, decision.element, createBrushSize(store), createSelectionBar(store, commands), createMinimap(store, commands.lookAt), createCompareHandle(store), hint.element, createNotices(store), createCover(store, page));
      root.replaceChildren(
        element('a', { class: 'skip', href: '#stage', text: gettext('Skip to the image'), onclick: skip }),
        createHeader(store, commands, page),
        createToolbar(store, commands),
        element('main', { class: 'middle' }, createFlowBanner(store, page.flow, returning.show), element('div', { class: 'room' }, stage, createLeaseBanner(store, page))),
        element('aside', { class: 'side', 'aria-label': gettext('Panels') }, createInstructions(store), createConflicts(store, commands), createCommentsPanel(store, page.talk, commands), createClasses(store, commands), createLayers(store, commands, page), createView(store, commands, page), createImages(store, page)),
        createStatusBar(store, resolution.button),
        sheet.element,
        tour.element,
        resolution.dialog,
        returning.element,
      );
      root.addEventListener('click', giveFocusBack);
      showOwnKeys(root, keymap);
      const follow = () => {
        decision.update();
        markers.follow();
      };
      return { follow, askForNote: returning.show };
    },
  };

  /** The address stays: it names the image. @param {Event} event */
  function skip(event) {
    event.preventDefault();
    stage.focus();
  }

  /** A button pressed with the pointer must not keep the Enter key to itself. @param {MouseEvent} event */
  function giveFocusBack(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.detail > 0 && target.closest('button, input[type=checkbox], input[type=range]') && !target.closest('dialog')) {
      stage.focus({ preventScroll: true });
    }
  }
}
