import { isAsStored, suitedTo } from '../appearance/adjustments.js';
import { createGpuFilter } from './gpu_filter.js';
import { createWorkerFilter } from './worker_filter.js';

/**
 * Shows an adjusted copy of the drawn picture over it while there is something to adjust. Nobody but
 * the eye gets to see it: the decoder reads the image as it is stored.
 * @param {HTMLElement} element that the picture lies in
 * @param {() => HTMLCanvasElement} source the picture as OpenSeadragon has drawn it
 * @param {Pick<import('../store/store.js').Store, 'adjustments' | 'session'>} store
 * @param {() => void} onPicture what is seen has changed
 */
export function createAdjustedPicture(element, source, { adjustments, session }, onPicture) {
  /** @type {import('./gpu_filter.js').Filter | null} */
  let filter = null;

  const wanted = () => suitedTo(adjustments.get(), session.get().image?.channels ?? 3);

  function begin() {
    filter?.canvas.remove();
    filter = createGpuFilter(fallBack);
    if (!filter) return fallBack();
    show();
  }

  function fallBack() {
    filter?.canvas.remove();
    filter = createWorkerFilter(onPicture);
    session.set({ adjustsSlowly: true });
    show();
  }

  function show() {
    if (!filter) return;
    filter.canvas.className = 'stage-adjusted';
    element.append(filter.canvas);
    refresh();
  }

  function refresh() {
    const now = wanted();
    element.classList.toggle('adjusted', !isAsStored(now));
    if (!isAsStored(now)) {
      if (!filter) return begin();
      filter.apply(source(), now);
    }
    onPicture();
  }

  adjustments.on(refresh);
  return {
    refresh,
    /** @returns {HTMLCanvasElement} what is seen */
    picture: () => (filter && !isAsStored(wanted()) ? filter.canvas : source()),
  };
}
