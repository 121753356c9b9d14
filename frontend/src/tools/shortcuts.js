/** @typedef {import('./commands.js').Commands} Commands */
/**
 * @typedef {{
 *   keys: string[], label: string, group: string, run: () => void, release?: () => void,
 * }} Shortcut  keys as "Shift+A", "Ctrl+Z", "Enter"; Ctrl is also the Mac's Command
 */

/** @param {Commands} commands @returns {Shortcut[]} the one list, for the keyboard and the cheat sheet */
export function createShortcuts(commands) {
  /** @type {Shortcut[]} */
  const classes = Array.from({ length: 9 }, (_, k) => ({
    keys: [String(k + 1)],
    label: `Class ${k + 1}`,
    group: '',
    run: () => commands.setClassAt(k),
  }));
  return [
    { keys: ['P'], label: 'Point', group: 'Tools', run: () => commands.useTool('point') },
    { keys: ['B'], label: 'Brush', group: 'Tools', run: () => commands.useTool('brush') },
    { keys: ['E'], label: 'Eraser', group: 'Tools', run: () => commands.useTool('eraser') },
    { keys: ['V'], label: 'Select', group: 'Tools', run: () => commands.useTool('select') },
    { keys: ['H'], label: 'Hand', group: 'Tools', run: () => commands.useTool('pan') },
    { keys: ['['], label: 'Smaller brush', group: 'Tools', run: () => commands.resizeBrush(-1) },
    { keys: [']'], label: 'Larger brush', group: 'Tools', run: () => commands.resizeBrush(1) },

    { keys: ['Enter'], label: 'Accept the pending mask', group: 'Masks', run: commands.acceptActive },
    { keys: ['Delete', 'Backspace'], label: 'Reject the pending, delete the selected mask', group: 'Masks', run: commands.remove },
    { keys: ['Escape'], label: 'Reject, or let go of the selection', group: 'Masks', run: commands.escape },
    { keys: ['F'], label: 'Fast mode: the next click accepts the mask before', group: 'Masks', run: () => commands.toggle('fastMode') },
    { keys: ['A'], label: 'Accept the proposal under the pointer', group: 'Masks', run: commands.acceptProposal },
    { keys: ['Shift+A'], label: 'Accept all proposals in view', group: 'Masks', run: commands.acceptProposalsInView },
    { keys: ['R'], label: 'Ask the model again after a failure', group: 'Masks', run: commands.askAgain },
    { keys: ['`'], label: 'No class', group: 'Masks', run: () => commands.setClass(null) },
    { keys: ['Ctrl+Z'], label: 'Undo', group: 'Masks', run: commands.undo },
    { keys: ['Ctrl+Shift+Z', 'Ctrl+Y'], label: 'Redo', group: 'Masks', run: commands.redo },

    { keys: ['+', '='], label: 'Zoom in', group: 'View', run: commands.zoomIn },
    { keys: ['-'], label: 'Zoom out', group: 'View', run: commands.zoomOut },
    { keys: ['0'], label: 'Fit the image', group: 'View', run: commands.fit },
    { keys: ['O'], label: 'Outlines only', group: 'View', run: () => commands.toggle('outlineOnly') },
    { keys: ['W'], label: 'Hover preview: outline what a click would give', group: 'View', run: () => commands.toggle('hoverPreview') },
    { keys: ['X'], label: 'Hide all masks while held', group: 'View', run: () => commands.hide(true), release: () => commands.hide(false) },
    { keys: ['C'], label: 'Crosshair for the keyboard', group: 'View', run: commands.toggleCrosshair },

    { keys: ['N', 'Ctrl+ArrowRight'], label: 'Next image', group: 'Images', run: commands.nextImage },
    { keys: ['Shift+N', 'Ctrl+ArrowLeft'], label: 'Previous image', group: 'Images', run: commands.previousImage },
    { keys: ['M'], label: 'Mark the image done, or not done', group: 'Images', run: commands.toggleDone },
    { keys: ['?'], label: 'This list', group: 'Images', run: commands.showHelp },
    ...classes,
  ];
}
