import { REMEMBERED } from './store/view.js';

const KEY = 'sppnet-annotate.view';

/** @returns {Partial<import('./store/view.js').ViewState>} nothing when the browser forgets or forbids */
export function recallView() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return Object.fromEntries(REMEMBERED.filter((key) => key in kept).map((key) => [key, kept[key]]));
  } catch {
    return {};
  }
}

/** @param {import('./store/state.js').State<import('./store/view.js').ViewState>} view */
export function rememberView(view) {
  view.on((now, before) => {
    if (REMEMBERED.every((key) => now[key] === before[key])) return;
    try {
      localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(REMEMBERED.map((key) => [key, now[key]]))));
    } catch {
      // A setting that is not remembered is no reason to stop anyone.
    }
  });
}
