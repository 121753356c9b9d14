/** @typedef {import('../appearance/adjustments.js').Adjustments} Adjustments */

/**
 * Adjusts a drawn picture in a thread, where there is no WebGL. It may be a frame or two behind;
 * of what is asked meanwhile only the latest is done.
 * @param {() => void} onPicture it is done
 * @returns {import('./gpu_filter.js').Filter}
 */
export function createWorkerFilter(onPicture) {
  const canvas = document.createElement('canvas');
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const worker = new Worker(new URL('./adjust.worker.js', import.meta.url), { type: 'module' });
  let busy = false;
  /** @type {[HTMLCanvasElement, Adjustments] | null} */
  let next = null;

  worker.onmessage = ({ data }) => {
    [canvas.width, canvas.height] = [data.width, data.height];
    context.drawImage(data, 0, 0);
    data.close();
    onPicture();
    busy = false;
    if (next) apply(...next);
  };

  /** @param {HTMLCanvasElement} source @param {Adjustments} adjustments */
  function apply(source, adjustments) {
    next = busy ? [source, adjustments] : null;
    if (busy || !source.width || !source.height) return;
    busy = true;
    void createImageBitmap(source).then((picture) => worker.postMessage({ picture, adjustments }, [picture]));
  }

  return { canvas, apply };
}
