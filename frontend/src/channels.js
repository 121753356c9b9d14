/** Fetches pictures of deep images as the person wants to see them. The decoder never gets to know. */
import { isAsRendered, suited, wishOf } from './appearance/channels.js';

/** @typedef {import('./store/session.js').ImageRow} ImageRow */

/** While a slider moves nobody waits for every picture on the way. */
const REST = 150;

/**
 * @param {{
 *   store: Pick<import('./store/store.js').Store, 'channels' | 'session' | 'view'>,
 *   images: Pick<ReturnType<typeof import('./api/images.js').imagesApi>, 'channels'>,
 *   stage: Pick<import('./canvas/stage.js').Stage, 'showPicture'>,
 *   kept: unknown, keep: (shown: unknown) => void,
 * }} parts  kept: what suited the dataset's images so far
 */
export function watchChannels({ store, images, stage, kept, keep }) {
  const { channels, session, view } = store;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let rest;
  let opened = 0;
  let showing = 0;
  let url = '';

  /** Its samples are asked for when they are wanted: the server has to decode the original. */
  async function load() {
    const { image, phase } = session.get();
    const wanted = view.get().openSections.includes('image') || Array.isArray(kept);
    if (phase !== 'ready' || !image?.channels_url || opened === image.id || !wanted) return;
    opened = image.id;
    url = image.pixels_url;
    channels.set({ facts: null, shown: [], state: 'loading', failure: '' });
    try {
      const { channels: facts } = await images.channels(image.channels_url);
      if (session.get().image?.id !== image.id) return;
      channels.set({ facts, shown: suited(kept, facts), state: 'ready' });
    } catch (error) {
      if (session.get().image?.id === image.id) channels.set({ state: 'failed', failure: /** @type {Error} */ (error).message });
    }
  }

  /** @param {ImageRow} image @returns {string} what the person wants to see of it */
  function wanted(image) {
    const { facts, shown } = channels.get();
    if (!facts || isAsRendered(shown, facts)) return image.pixels_url;
    return `/api/images/${image.id}/rendering/?show=${wishOf(shown)}`;
  }

  /** One picture after the other: what is wished for meanwhile is fetched when the present one is there. */
  async function show() {
    const { image } = session.get();
    if (!image || showing === image.id) return;
    showing = image.id;
    let done = true;
    while (wanted(image) !== url) {
      url = wanted(image);
      channels.set({ state: 'rendering' });
      done = await stage.showPicture(url);
      if (showing !== image.id) return;
    }
    showing = 0;
    if (channels.get().state === 'rendering') channels.set({ state: done ? 'ready' : 'failed', failure: '' });
  }

  session.on((now, before) => {
    if (now.image?.id !== before.image?.id) {
      [opened, showing] = [0, 0];
      clearTimeout(rest);
      channels.set({ facts: null, shown: [], state: 'none' });
    }
    if (now.phase !== before.phase) void load();
  });
  view.on((now, before) => {
    if (now.openSections !== before.openSections) void load();
  });
  channels.on((now, before) => {
    if (now.shown === before.shown || !now.facts) return;
    // What came with the image is no wish of the person's.
    if (now.facts === before.facts) {
      kept = isAsRendered(now.shown, now.facts) ? null : now.shown;
      keep(kept);
    }
    clearTimeout(rest);
    rest = setTimeout(() => void show(), REST);
  });
}
