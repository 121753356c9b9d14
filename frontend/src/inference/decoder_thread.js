/** @typedef {import('./decoder.worker.js').Order} Order */
/** @typedef {import('./decoder.worker.js').Reply} Reply */
/** @typedef {ReturnType<typeof startDecoderThread>} DecoderThread */

/** The decoder's worker, as a function that answers. Started when first asked, after the page is shown. */
export function startDecoderThread() {
  /** @type {Map<number, {resolve: (reply: Reply) => void, reject: (error: Error) => void}>} */
  const open = new Map();
  let last = 0;
  const worker = new Worker(new URL('./decoder.worker.js', import.meta.url), { type: 'module' });

  worker.onmessage = (/** @type {MessageEvent<Reply>} */ { data }) => {
    open.get(data.number)?.resolve(data);
    open.delete(data.number);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    for (const { reject } of open.values()) reject(new Error(event.message || 'The decoder stopped.'));
    open.clear();
  };

  return {
    /** @param {Order} order @returns {Promise<Reply>} */
    ask(order) {
      const number = ++last;
      return new Promise((resolve, reject) => {
        open.set(number, { resolve, reject });
        worker.postMessage({ number, order });
      });
    },
    stop: () => worker.terminate(),
  };
}
