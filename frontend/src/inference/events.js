import { eventsPath } from '../api/prompts.js';

const FIRST_RETRY = 1000;
const LAST_RETRY = 15000;

/**
 * Listens to an image's events. The browser reconnects by itself when a stream breaks, but gives up
 * on an error answer: then we start again.
 * @param {number} image
 * @param {Record<string, (data: any) => void>} on what to do, by the event's name
 * @param {() => void} [opened] the line is there, perhaps again: events may have been missed
 * @returns {() => void} stop listening
 */
export function listen(image, on, opened) {
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let retryAfter = FIRST_RETRY;

  function connect() {
    source = new EventSource(eventsPath(image));
    source.onopen = () => {
      retryAfter = FIRST_RETRY;
      opened?.();
    };
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, retryAfter);
      retryAfter = Math.min(retryAfter * 2, LAST_RETRY);
    };
    for (const [name, hear] of Object.entries(on)) {
      source.addEventListener(name, (event) => hear(JSON.parse(event.data)));
    }
  }

  connect();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
