/** @typedef {import('./decoder.worker.js').Order} Order */
/** @typedef {import('./decoder.worker.js').Reply} Reply */
/** @typedef {ReturnType<typeof startDecoderThread>} DecoderThread */

/** A decode that takes so many milliseconds will never end: its thread is stuck. */
const PATIENCE = 20000;

/** The decoder's worker, as a function that answers. Started when first asked, after the page is shown. */
export function startDecoderThread() {
  /** @type {Map<number, (reply: Reply) => void>} */
  const open = new Map();
  let last = 0;
  const worker = new Worker(new URL('./decoder.worker.js', import.meta.url), { type: 'module' });

  worker.onmessage = (/** @type {MessageEvent<Reply>} */ { data }) => reply(data);
  worker.onerror = (event) => {
    event.preventDefault();
    fail(event.message || 'The decoder stopped.');
  };

  /** @param {Reply} answer */
  function reply(answer) {
    open.get(answer.number)?.(answer);
    open.delete(answer.number);
  }

  /** @param {string} failure of all that is asked and not answered */
  function fail(failure) {
    for (const number of [...open.keys()]) reply({ number, failure });
  }

  return {
    /** @param {Order} order @returns {Promise<Reply>} that tells of a failure, and never fails itself */
    ask(order) {
      const number = ++last;
      if (order.kind === 'decode') {
        setTimeout(() => reply({ number, failure: 'The decoder gave no answer.' }), PATIENCE);
      }
      return new Promise((resolve) => {
        open.set(number, resolve);
        worker.postMessage({ number, order });
      });
    },
    stop() {
      worker.terminate();
      fail('The decoder was stopped.');
    },
  };
}
