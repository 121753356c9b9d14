import { focusOn } from '../store/focus.js';

/** @param {import('./tools.js').Context} context @returns {import('./tools.js').Tool} */
export function selectTool({ store, picker }) {
  return {
    tap({ point }) {
      const hit = picker.pendingAt(point) ?? picker.maskAt(point);
      focusOn(store, hit?.id ?? null);
    },
  };
}
