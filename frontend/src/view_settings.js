import { REMEMBERED } from './store/view.js';

/** What a person's eyes like, kept by this browser and never sent to the server. */

const VIEW = 'sppnet-annotate.view';

/** @returns {Partial<import('./store/view.js').ViewState>} nothing when the browser forgets or forbids */
export function recallView() {
  const kept = recall(VIEW);
  return Object.fromEntries(REMEMBERED.filter((key) => key in kept).map((key) => [key, kept[key]]));
}

/** @param {import('./store/state.js').State<import('./store/view.js').ViewState>} view */
export function rememberView(view) {
  view.on((now, before) => {
    if (REMEMBERED.every((key) => now[key] === before[key])) return;
    keep(VIEW, Object.fromEntries(REMEMBERED.map((key) => [key, now[key]])));
  });
}

/**
 * Images of one dataset come from the same microscope, so one setting suits them all.
 * @param {string} what @param {number} user @param {number} dataset
 * @returns {string} the key under which it is kept
 */
export const perDataset = (what, user, dataset) => `sppnet-annotate.${what}.${user}.${dataset}`;

/** @param {string} key @returns {Record<string, any>} */
export function recall(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '{}');
    return kept && typeof kept === 'object' ? kept : {};
  } catch {
    return {};
  }
}

/** @param {string} key @param {object} value */
export function keep(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A setting that is not remembered is no reason to stop anyone.
  }
}
