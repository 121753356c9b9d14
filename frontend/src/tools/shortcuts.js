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
    label: `Class ${k + 1}`,
    group: '',
    run: () => commands.setClassAt(k),
  }));
  return [
    { id: 'tool.point', keys: ['P'], label: 'Point', group: 'Tools', run: () => commands.useTool('point') },
    { id: 'tool.brush', keys: ['B'], label: 'Brush', group: 'Tools', run: () => commands.useTool('brush') },
    { id: 'tool.eraser', keys: ['E'], label: 'Eraser', group: 'Tools', run: () => commands.useTool('eraser') },
    { id: 'tool.select', keys: ['V'], label: 'Select', group: 'Tools', run: () => commands.useTool('select') },
    { id: 'tool.pan', keys: ['H'], label: 'Hand', group: 'Tools', run: () => commands.useTool('pan') },
    { id: 'brush.smaller', keys: ['['], label: 'Smaller brush', group: 'Tools', run: () => commands.resizeBrush(-1) },
    { id: 'brush.larger', keys: [']'], label: 'Larger brush', group: 'Tools', run: () => commands.resizeBrush(1) },

    { id: 'mask.accept', keys: ['Enter'], label: 'Accept the pending mask', group: 'Masks', run: commands.acceptActive },
    { id: 'mask.remove', keys: ['Delete', 'Backspace'], label: 'Reject the pending, delete the selected mask', group: 'Masks', run: commands.remove },
    { id: 'mask.escape', keys: ['Escape'], label: 'Reject, or let go of the selection', group: 'Masks', run: commands.escape },
    { id: 'mask.fast', keys: ['F'], label: 'Fast mode: a click is an accepted nucleus, unless the model is unsure', group: 'Masks', run: () => commands.toggle('fastMode') },
    { id: 'proposal.accept', keys: ['A'], label: 'Accept the proposal under the pointer', group: 'Masks', run: commands.acceptProposal },
    { id: 'proposal.accept-in-view', keys: ['Shift+A'], label: 'Accept all proposals in view', group: 'Masks', run: commands.acceptProposalsInView },
    { id: 'mask.ask-again', keys: ['R'], label: 'Ask the model again after a failure', group: 'Masks', run: commands.askAgain },
    { id: 'class.none', keys: ['`'], label: 'No class', group: 'Masks', run: () => commands.setClass(null) },
    { id: 'select.in-view', keys: ['Ctrl+A'], label: 'Select all in view', group: 'Selection', run: commands.selectInView },
    { id: 'select.mine', keys: ['Shift+M'], label: 'Select all that I made', group: 'Selection', run: commands.selectMine },
    { id: 'select.class', keys: ['Shift+S'], label: 'Select all of this class', group: 'Selection', run: commands.selectClass },
    { id: 'selection.merge', keys: ['U'], label: 'Merge into one nucleus', group: 'Selection', run: commands.merge },
    { id: 'selection.fill', keys: ['I'], label: 'Fill holes', group: 'Selection', run: commands.fillHoles },
    { id: 'selection.smooth', keys: ['S'], label: 'Smooth', group: 'Selection', run: commands.smooth },
    { id: 'selection.grow', keys: ['>'], label: 'Grow by a pixel', group: 'Selection', run: commands.grow },
    { id: 'selection.shrink', keys: ['<'], label: 'Shrink by a pixel', group: 'Selection', run: commands.shrink },
    { id: 'selection.duplicate', keys: ['D'], label: 'Duplicate', group: 'Selection', run: commands.duplicate },
    { id: 'selection.left', keys: ['Alt+ArrowLeft'], label: 'Move a pixel to the left', group: 'Selection', run: () => commands.nudge(-1, 0) },
    { id: 'selection.right', keys: ['Alt+ArrowRight'], label: 'Move a pixel to the right', group: 'Selection', run: () => commands.nudge(1, 0) },
    { id: 'selection.up', keys: ['Alt+ArrowUp'], label: 'Move a pixel up', group: 'Selection', run: () => commands.nudge(0, -1) },
    { id: 'selection.down', keys: ['Alt+ArrowDown'], label: 'Move a pixel down', group: 'Selection', run: () => commands.nudge(0, 1) },
    { id: 'undo', keys: ['Ctrl+Z'], label: 'Undo', group: 'Masks', run: commands.undo },
    { id: 'redo', keys: ['Ctrl+Shift+Z', 'Ctrl+Y'], label: 'Redo', group: 'Masks', run: commands.redo },

    { id: 'view.zoom-in', keys: ['+', '='], label: 'Zoom in', group: 'View', run: commands.zoomIn },
    { id: 'view.zoom-out', keys: ['-'], label: 'Zoom out', group: 'View', run: commands.zoomOut },
    { id: 'view.fit', keys: ['0'], label: 'Fit the image', group: 'View', run: commands.fit },
    { id: 'view.outline', keys: ['O'], label: 'Outlines only', group: 'View', run: commands.toggleOutline },
    { id: 'view.mask-style', keys: ['Shift+O'], label: 'Masks as outline, fill, both', group: 'View', run: commands.cycleMaskStyle },
    { id: 'view.adjust', keys: ['Shift+V'], label: 'Adjust the image: brightness, contrast, stains', group: 'View', run: () => commands.toggleSection('image') },
    { id: 'view.minimap', keys: ['Shift+Q'], label: 'Overview of the whole image', group: 'View', run: () => commands.toggle('minimap') },
    { id: 'view.grid', keys: ['Shift+P'], label: 'Pixel grid when zoomed in', group: 'View', run: () => commands.toggle('pixelGrid') },
    { id: 'view.scale-bar', keys: ['Shift+W'], label: 'Scale bar', group: 'View', run: () => commands.toggle('scaleBar') },
    { id: 'view.color-by', keys: ['Shift+C'], label: 'Colour masks by class, nucleus, author, score, status', group: 'View', run: commands.cycleColorBy },
    { id: 'view.hover', keys: ['W'], label: 'Hover preview: outline what a click would give', group: 'View', run: () => commands.toggle('hoverPreview') },
    { id: 'view.hide', keys: ['X'], label: 'Hide all masks while held', group: 'View', run: () => commands.hide(true), release: () => commands.hide(false) },
    { id: 'view.crosshair', keys: ['C'], label: 'Crosshair for the keyboard', group: 'View', run: commands.toggleCrosshair },

    { id: 'image.next', keys: ['N', 'Ctrl+ArrowRight'], label: 'Next image', group: 'Images', run: commands.nextImage },
    { id: 'image.previous', keys: ['Shift+N', 'Ctrl+ArrowLeft'], label: 'Previous image', group: 'Images', run: commands.previousImage },
    { id: 'image.done', keys: ['M'], label: 'Mark the image done, or not done', group: 'Images', run: commands.toggleDone },
    { id: 'help', keys: ['?'], label: 'This list', group: 'Images', run: commands.showHelp },
    ...classes,
  ];
}
