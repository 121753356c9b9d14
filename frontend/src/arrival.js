/** Brings an image's masks in portions, those in view first, until all are there. */
import { gettext } from './i18n.js';
import { nextPart, partsOf } from './geometry/portions.js';
import { visibleBox } from './geometry/viewport.js';
import { patchMask } from './store/annotations.js';
import { notify } from './store/session.js';

/** @typedef {import('./api/masks.js').Page} Page */
/** @typedef {import('./geometry/bitmap.js').Box} Box */

/** Masks that a portion should have; where nuclei crowd it has more pages. */
const PORTION = 400;
/** Requests under way at once. */
const LANES = 2;
const FIRST_RETRY = 1000;
const LAST_RETRY = 30000;

/**
 * @param {{
 *   store: import('./store/store.js').Store,
 *   masks: Pick<ReturnType<typeof import('./api/masks.js').masksApi>, 'page'>,
 *   autosave: Pick<ReturnType<typeof import('./autosave.js').createAutosave>, 'merge'>,
 *   pause?: (milliseconds: number) => Promise<unknown>,
 * }} parts
 */
export function createArrival({ store, masks, autosave, pause = sleep }) {
  const { annotations, session, view } = store;
  /** @type {Set<string>} masks that are here, or were: the page knows them better than a late portion */
  let heard = new Set();
  let turn = 0;

  annotations.on(({ patches, origin }) => {
    if (origin === 'local') for (const { kind, id } of patches) if (kind === 'mask') heard.add(id);
  });

  /** @param {number} image @param {any[]} rows */
  function take(image, rows) {
    const fresh = rows.filter(({ id }) => !heard.has(id));
    for (const { id } of fresh) heard.add(id);
    // What this person did to a mask that has not come yet is on the page already, or gone from it.
    const news = autosave.merge(image, fresh).filter(({ id }) => !annotations.masks.has(id));
    annotations.apply({ patches: news.map((mask) => patchMask(null, mask)), origin: 'remote', cause: 'edit' });
  }

  /**
   * @param {number} mine @param {number} image @param {Box} box @param {string | null} next
   * @returns {Promise<Page | null>} null when another image was opened meanwhile
   */
  async function fetchPage(mine, image, box, next) {
    for (let wait = FIRST_RETRY; mine === turn; wait = Math.min(wait * 2, LAST_RETRY)) {
      try {
        const page = await masks.page(image, { box, next });
        return mine === turn ? page : null;
      } catch (error) {
        if (/** @type {import('./api/client.js').ApiError} */ (error).passing === false) throw error;
        await pause(wait);
      }
    }
    return null;
  }

  /** @param {number} mine @param {number} image @param {Box} box */
  async function fetchPart(mine, image, box) {
    /** @type {Page | null} */
    let page = null;
    do {
      page = await fetchPage(mine, image, box, page?.next ?? null);
      if (page) take(image, page.results);
    } while (page?.next);
  }

  /** @param {number} mine @param {number} image */
  async function lane(mine, image) {
    for (;;) {
      const { arriving } = session.get();
      if (mine !== turn || !arriving?.waiting.length) return;
      const { viewport, screen } = view.get();
      const box = nextPart(arriving.waiting, visibleBox(viewport, screen));
      session.set({ arriving: { ...arriving, waiting: without(arriving.waiting, box), underWay: [...arriving.underWay, box] } });
      await fetchPart(mine, image, box);
      const now = session.get().arriving;
      if (mine === turn && now) session.set({ arriving: { ...now, underWay: without(now.underWay, box) } });
    }
  }

  return {
    /** Another image: what is still under way for the one before comes too late. */
    stop() {
      turn += 1;
      heard = new Set();
      session.set({ arriving: null });
    },

    /**
     * Call once the image is shown with the first page of its masks.
     * @param {import('./store/session.js').ImageRow} image @param {Page} first
     * @returns {Promise<boolean>} when all are there; false when they will not come
     */
    async follow(image, first) {
      for (const { id } of first.results) heard.add(id);
      if (!first.next) return true;
      const mine = turn;
      const waiting = partsOf(image, Math.ceil(image.mask_count / PORTION));
      session.set({ arriving: { total: image.mask_count, waiting, underWay: [] } });
      try {
        await Promise.all(Array.from({ length: LANES }, () => lane(mine, image.id)));
        if (mine === turn) session.set({ arriving: null });
        return mine === turn;
      } catch (error) {
        if (mine !== turn) return false;
        turn += 1;
        notify(session, {
          kind: 'error',
          text: gettext('Not all nuclei could be loaded: %(reason)s Reload the page before you go on.', {
            reason: /** @type {Error} */ (error).message,
          }),
        });
        return false;
      }
    },
  };
}

/** @param {Box[]} boxes @param {Box} box */
const without = (boxes, box) => boxes.filter((one) => one !== box);
/** @param {number} milliseconds */
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
