import { gettext } from '../i18n.js';

/** @typedef {import('./commands.js').Commands} Commands */
/**
 * @typedef {{
 *   id: string, keys: string[], label: string, group: string,
 *   run: () => void, release?: () => void,
 * }} Shortcut
 *   id: never changes, because people's own keys are kept under it;
 *   keys: as "Shift+A", "Ctrl+Z", "Enter"; Ctrl is also the Mac's Command
 */

/** @param {Commands} commands @returns {Shortcut[]} the one list, for the keyboard and the cheat sheet */
export function createShortcuts(commands) {
  /** @type {Shortcut[]} */
  const classes = Array.from({ length: 9 }, (_, k) => ({
    id: `class.${k + 1}`,
    keys: [String(k + 1)],
    label: gettext('Class %(number)s', { number: k + 1 }),
    group: '',
    run: () => commands.setClassAt(k + 1),
  }));
  return [
    { id: 'tool.point', keys: ['P'], label: gettext('Point'), group: gettext('Tools'), run: () => commands.useTool('point') },
    { id: 'tool.box', keys: ['G'], label: gettext('Box'), group: gettext('Tools'), run: () => commands.useTool('box') },
    { id: 'tool.brush', keys: ['B'], label: gettext('Brush'), group: gettext('Tools'), run: () => commands.useTool('brush') },
    { id: 'tool.eraser', keys: ['E'], label: gettext('Eraser'), group: gettext('Tools'), run: () => commands.useTool('eraser') },
    { id: 'tool.lasso', keys: ['L'], label: gettext('Lasso'), group: gettext('Tools'), run: () => commands.useTool('lasso') },
    { id: 'tool.polygon', keys: ['Y'], label: gettext('Polygon'), group: gettext('Tools'), run: () => commands.useTool('polygon') },
    { id: 'tool.vertices', keys: ['J'], label: gettext('Corners'), group: gettext('Tools'), run: () => commands.useTool('vertices') },
    { id: 'tool.knife', keys: ['K'], label: gettext('Knife'), group: gettext('Tools'), run: () => commands.useTool('knife') },
    { id: 'tool.select', keys: ['V'], label: gettext('Select'), group: gettext('Tools'), run: () => commands.useTool('select') },
    { id: 'tool.pan', keys: ['H'], label: gettext('Hand'), group: gettext('Tools'), run: () => commands.useTool('pan') },
    { id: 'brush.smaller', keys: ['['], label: gettext('Smaller brush'), group: gettext('Tools'), run: () => commands.resizeBrush(-1) },
    { id: 'brush.larger', keys: [']'], label: gettext('Larger brush'), group: gettext('Tools'), run: () => commands.resizeBrush(1) },

    { id: 'mask.accept', keys: ['Enter'], label: gettext('Accept the pending mask'), group: gettext('Masks'), run: commands.acceptActive },
    { id: 'mask.remove', keys: ['Delete', 'Backspace'], label: gettext('Reject the pending, delete the selected mask'), group: gettext('Masks'), run: commands.removeLast },
    { id: 'mask.escape', keys: ['Escape'], label: gettext('Reject, or let go of the selection'), group: gettext('Masks'), run: commands.escape },
    { id: 'mask.fast', keys: ['F'], label: gettext('Fast mode: a click is an accepted nucleus, unless the model is unsure'), group: gettext('Masks'), run: () => commands.toggle('fastMode') },
    { id: 'proposal.accept', keys: ['A'], label: gettext('Accept the proposal under the pointer'), group: gettext('Masks'), run: commands.acceptProposal },
    { id: 'proposal.accept-in-view', keys: ['Shift+A'], label: gettext('Accept all proposals in view'), group: gettext('Masks'), run: commands.acceptProposalsInView },
    { id: 'proposal.accept-all', keys: ['Ctrl+Shift+A'], label: gettext('Accept all proposals of the image'), group: gettext('Masks'), run: commands.acceptAllProposals },
    { id: 'proposal.reject', keys: ['T'], label: gettext('Reject the proposal under the pointer'), group: gettext('Masks'), run: commands.rejectProposal },
    { id: 'proposal.reject-in-view', keys: ['Shift+T'], label: gettext('Reject all proposals in view'), group: gettext('Masks'), run: commands.rejectProposalsInView },
    { id: 'mask.ask-again', keys: ['R'], label: gettext('Ask the model again after a failure'), group: gettext('Masks'), run: commands.askAgain },
    { id: 'class.none', keys: ['`'], label: gettext('No class'), group: gettext('Masks'), run: () => commands.setClass(null) },
    { id: 'select.in-view', keys: ['Ctrl+A'], label: gettext('Select all in view'), group: gettext('Selection'), run: commands.selectInView },
    { id: 'select.mine', keys: ['Shift+M'], label: gettext('Select all that I made'), group: gettext('Selection'), run: commands.selectMine },
    { id: 'select.class', keys: ['Shift+S'], label: gettext('Select all of this class'), group: gettext('Selection'), run: commands.selectClass },
    { id: 'selection.merge', keys: ['U'], label: gettext('Merge into one nucleus'), group: gettext('Selection'), run: commands.merge },
    { id: 'selection.fill', keys: ['I'], label: gettext('Fill holes'), group: gettext('Selection'), run: commands.fillHoles },
    { id: 'selection.smooth', keys: ['S'], label: gettext('Smooth'), group: gettext('Selection'), run: commands.smooth },
    { id: 'selection.grow', keys: ['>'], label: gettext('Grow by a pixel'), group: gettext('Selection'), run: commands.grow },
    { id: 'selection.shrink', keys: ['<'], label: gettext('Shrink by a pixel'), group: gettext('Selection'), run: commands.shrink },
    { id: 'selection.duplicate', keys: ['D'], label: gettext('Duplicate'), group: gettext('Selection'), run: commands.duplicate },
    { id: 'selection.left', keys: ['Alt+ArrowLeft'], label: gettext('Move a pixel to the left'), group: gettext('Selection'), run: () => commands.nudge(-1, 0) },
    { id: 'selection.right', keys: ['Alt+ArrowRight'], label: gettext('Move a pixel to the right'), group: gettext('Selection'), run: () => commands.nudge(1, 0) },
    { id: 'selection.up', keys: ['Alt+ArrowUp'], label: gettext('Move a pixel up'), group: gettext('Selection'), run: () => commands.nudge(0, -1) },
    { id: 'selection.down', keys: ['Alt+ArrowDown'], label: gettext('Move a pixel down'), group: gettext('Selection'), run: () => commands.nudge(0, 1) },
    { id: 'conflict.next', keys: ['Shift+X'], label: gettext('Look at the next conflict'), group: gettext('Masks'), run: () => commands.nextConflict() },
    { id: 'undo', keys: ['Ctrl+Z'], label: gettext('Undo'), group: gettext('Masks'), run: commands.undo },
    { id: 'redo', keys: ['Ctrl+Shift+Z', 'Ctrl+Y'], label: gettext('Redo'), group: gettext('Masks'), run: commands.redo },

    { id: 'view.zoom-in', keys: ['+', '='], label: gettext('Zoom in'), group: gettext('View'), run: commands.zoomIn },
    { id: 'view.zoom-out', keys: ['-'], label: gettext('Zoom out'), group: gettext('View'), run: commands.zoomOut },
    { id: 'view.fit', keys: ['0'], label: gettext('Fit the image'), group: gettext('View'), run: commands.fit },
    { id: 'view.outline', keys: ['O'], label: gettext('Outlines only'), group: gettext('View'), run: commands.toggleOutline },
    { id: 'view.mask-style', keys: ['Shift+O'], label: gettext('Masks as outline, fill, both'), group: gettext('View'), run: commands.cycleMaskStyle },
    { id: 'view.adjust', keys: ['Shift+V'], label: gettext('Adjust the image: brightness, contrast, stains'), group: gettext('View'), run: () => commands.toggleSection('image') },
    { id: 'view.minimap', keys: ['Shift+Q'], label: gettext('Overview of the whole image'), group: gettext('View'), run: () => commands.toggle('minimap') },
    { id: 'view.grid', keys: ['Shift+P'], label: gettext('Pixel grid when zoomed in'), group: gettext('View'), run: () => commands.toggle('pixelGrid') },
    { id: 'view.scale-bar', keys: ['Shift+W'], label: gettext('Scale bar'), group: gettext('View'), run: () => commands.toggle('scaleBar') },
    { id: 'view.uncertain', keys: ['Shift+U'], label: gettext('Parts of which the model is most unsure'), group: gettext('View'), run: commands.toggleUncertain },
    { id: 'view.compare', keys: ['Shift+D'], label: gettext('Compare masks: swipe, side by side, off'), group: gettext('View'), run: commands.cycleCompare },
    { id: 'view.history', keys: ['Shift+H'], label: gettext('History of the image, or of the selected nucleus'), group: gettext('View'), run: () => commands.toggleSection('history') },
    { id: 'view.color-by', keys: ['Shift+C'], label: gettext('Colour masks by class, nucleus, author, score, status'), group: gettext('View'), run: commands.cycleColorBy },
    { id: 'view.hover', keys: ['W'], label: gettext('Hover preview: outline what a click would give'), group: gettext('View'), run: () => commands.toggle('hoverPreview') },
    { id: 'view.hide', keys: ['X'], label: gettext('Hide all masks while held'), group: gettext('View'), run: () => commands.hide(true), release: () => commands.hide(false) },
    { id: 'view.crosshair', keys: ['C'], label: gettext('Crosshair for the keyboard'), group: gettext('View'), run: commands.toggleCrosshair },

    { id: 'image.next-in-need', keys: ['N'], label: gettext('Next image that needs work'), group: gettext('Images'), run: commands.nextInNeed },
    { id: 'image.next', keys: ['Ctrl+ArrowRight'], label: gettext('Next image'), group: gettext('Images'), run: commands.nextImage },
    { id: 'image.previous', keys: ['Ctrl+ArrowLeft', 'Shift+N'], label: gettext('Previous image'), group: gettext('Images'), run: commands.previousImage },
    { id: 'image.done', keys: ['M'], label: gettext('Submit the image, or take it back'), group: gettext('Images'), run: commands.toggleSubmitted },
    { id: 'comment.new', keys: ['Shift+K'], label: gettext('Comment on the selected nucleus, or on this place'), group: gettext('Review'), run: commands.beginComment },
    { id: 'review.start', keys: ['Shift+F'], label: gettext('Take the image for review'), group: gettext('Review'), run: () => commands.move('review') },
    { id: 'review.next', keys: ['.'], label: gettext('Next nucleus to judge'), group: gettext('Review'), run: commands.nextNucleus },
    { id: 'review.previous', keys: [','], label: gettext('The nucleus before'), group: gettext('Review'), run: commands.previousNucleus },
    { id: 'review.right', keys: ['Q'], label: gettext('The nucleus is right, or I have fixed it'), group: gettext('Review'), run: () => commands.judge('accepted') },
    { id: 'review.wrong', keys: ['Shift+R'], label: gettext('Return the nucleus, with a comment'), group: gettext('Review'), run: () => commands.judge('returned') },
    { id: 'review.diff', keys: ['Shift+G'], label: gettext('Compare with the annotator’s version, with the model’s'), group: gettext('Review'), run: commands.cycleDiff },
    { id: 'review.accept', keys: ['Ctrl+Enter'], label: gettext('Accept the image'), group: gettext('Review'), run: () => commands.move('accept') },
    { id: 'review.return', keys: ['Ctrl+Shift+Enter'], label: gettext('Return the image to its annotator'), group: gettext('Review'), run: () => commands.move('return') },
    { id: 'help', keys: ['?'], label: gettext('This list'), group: gettext('Images'), run: commands.showHelp },
    ...classes,
  ];
}
