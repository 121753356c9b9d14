import { eventsPath } from '../api/prompts.js';

const FIRST_RETRY = 1000;
const LAST_RETRY = 15000;

/**
 * Listens to an image's events. The browser reconnects by itself when a stream breaks, but gives up
 * on an error answer: then we start again.
 * @param {number} image
 * @param {{prediction: (data: any) => void, encoding: (data: any) => void}} on
 * @returns {() => void} stop listening
 */
export function listen(image, on) {
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let retryAfter = FIRST_RETRY;

  function connect() {
    source = new EventSource(eventsPath(image));
    source.onopen = () => void (retryAfter = FIRST_RETRY);
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, retryAfter);
      retryAfter = Math.min(retryAfter * 2, LAST_RETRY);
    };
    source.addEventListener('prediction', (event) => on.prediction(JSON.parse(event.data)));
    source.addEventListener('encoding', (event) => on.encoding(JSON.parse(event.data)));
  }

  connect();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
