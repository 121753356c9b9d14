/** Which image is open, and the list it comes from. */
import { createFlow } from './flow.js';
import { gettext } from './i18n.js';
import { listen } from './inference/events.js';
import { focusOn } from './store/focus.js';
import { isOfReview } from './store/review.js';
import { mayEdit, notify, withUser } from './store/session.js';

/** @typedef {import('./store/session.js').ImageRow} ImageRow */

/** Pages of the list that are fetched at most to find the open image in it. */
const SEARCH_PAGES = 10;

/**
 * @param {{
 *   store: import('./store/store.js').Store, stage: import('./canvas/stage.js').Stage,
 *   images: ReturnType<typeof import('./api/images.js').imagesApi>,
 *   masks: ReturnType<typeof import('./api/masks.js').masksApi>,
 *   arrival: ReturnType<typeof import('./arrival.js').createArrival>,
 *   autosave: ReturnType<typeof import('./autosave.js').createAutosave>,
 *   live: ReturnType<typeof import('./saving/live.js').createLive>,
 *   lease: ReturnType<typeof import('./saving/lease.js').createLease>,
 *   historyLog: ReturnType<typeof import('./saving/history_log.js').createHistoryLog>,
 *   journal: import('./journal.js').Journal | null,
 *   prompter: ReturnType<typeof import('./inference/prompts.js').createPrompter>,
 *   proposer: ReturnType<typeof import('./inference/proposals.js').createProposer>,
 *   decoder: Pick<import('./inference/local_decoder.js').LocalDecoder, 'open' | 'refresh' | 'expect'>,
 *   prefetcher: ReturnType<typeof import('./inference/prefetch.js').createPrefetcher>,
 *   talk: Pick<ReturnType<typeof import('./comments.js').createTalk>, 'hint'>,
 *   workers: ReturnType<typeof import('./inference/workers.js').watchWorkers>,
 *   dataset: number,
 * }} parts
 */
export function createNavigation(parts) {
  const { store, stage, images, masks, arrival, autosave, live, lease, historyLog, journal, prompter, proposer, decoder, prefetcher, talk, workers, dataset } = parts;
  const { annotations, history, session, view } = store;
  /** @type {string | null} */
  let nextPage = null;
  /** @type {Promise<void> | null} */
  let loading = null;
  let stopListening = () => {};
  let opening = 0;
  /** The image that was asked for last; until it is here, another one may still be shown. */
  let wanted = 0;
  /** @type {Promise<boolean>} whether all masks of the open image have come */
  let complete = Promise.resolve(false);

  /** @param {number} id */
  const imageUrl = (id) => `/datasets/${dataset}/annotate/${id}/`;

  annotations.on(({ patches }) => {
    const { image } = session.get();
    if (!image) return;
    if (patches.some((patch) => patch.kind === 'pending')) {
      void journal?.putPendings(image.id, [...annotations.pendings.values()]).catch(() => {});
    }
    if (patches.some((patch) => patch.kind === 'rejection')) {
      void journal?.putRejections(image.id, [...annotations.rejections.keys()]).catch(() => {});
    }
  });
  annotations.on(({ patches, origin }) => {
    const { image, arriving } = session.get();
    if (!image || origin !== 'local') return;
    const count = arriving ? image.mask_count + growth(patches) : annotations.masks.size;
    if (image.mask_count === count && image.status !== 'new') return;
    const status = image.status === 'new' && count ? 'in_progress' : image.status;
    show({ ...image, status, mask_count: count });
  });

  /** @param {ImageRow} image here and in the list */
  function show(image) {
    const rows = session.get().images.map((row) => (row.id === image.id ? image : row));
    session.set({ image, images: rows });
  }

  /** @param {number} id */
  async function open(id) {
    const turn = ++opening;
    wanted = id;
    stopListening();
    lease.open(null);
    proposer.stop();
    decoder.open(null);
    arrival.stop();
    session.set({ phase: 'loading' });
    /** @type {Promise<boolean>} */
    let arrived;
    try {
      await autosave.settled();
      live.open(id);
      const [image, first, pendings, rejections, steps] = await Promise.all([
        images.get(id),
        masks.page(id),
        journal?.pendings(id).catch(() => []) ?? [],
        journal?.rejections(id).catch(() => []) ?? [],
        historyLog.recall(id),
      ]);
      if (turn !== opening) return;
      focusOn(store, null);
      view.set({ crosshair: null, stroke: null, lasso: null, shift: null, draft: null, preview: null, hidden: false });
      store.proposals.set('none');
      session.set({ image, authors: withUser(session.get(), image.authors) });
      document.title = `${image.name} – SPPNet Annotate`;
      annotations.load(autosave.merge(id, first.results), pendings, rejections);
      history.clear(steps);
      await stage.open();
      if (turn !== opening) return;
      arrived = arrival.follow(image, first);
      session.set({ phase: 'ready' });
    } catch (error) {
      if (turn !== opening) return;
      session.set({ phase: 'failed', failure: /** @type {Error} */ (error).message });
      return;
    }
    let connected = false;
    stopListening = listen(
      id,
      {
        prediction(data) {
          prompter.settle(data);
          proposer.settle(data);
        },
        encoding: ({ status, checkpoint, scale }) => {
          if (scale !== session.get().image?.scale) return void rescaled(id);
          encoded(id, status, checkpoint);
          if (status === 'ready') decoder.refresh();
        },
        checkpoint(data) {
          session.set({ checkpoint: data.id });
          decoder.expect(data.id);
          encoded(id, data.encoding, data.id);
        },
        mask: live.hint,
        comments: talk.hint,
        state: (event) => void flow.moved(id, event),
        lease: lease.changed,
        lease_wanted: (data) => lease.wanted(data),
      },
      () => {
        live.look();
        // While the line was down, another checkpoint may have taken over.
        if (connected) {
          decoder.refresh();
          void workers.look().then(renew);
        }
        connected = true;
      },
    );
    lease.open(id);
    void prefetchNext();
    complete = arrived;
    await equip();
  }

  /** Whoever may change the open image has clicks answered in the browser, and proposals. */
  async function equip() {
    const turn = opening;
    if (!mayEdit(session.get())) return void workers.look();
    decoder.open(session.get().image);
    await workers.look();
    // Until then a nucleus whose mask has not come would be proposed once more.
    const all = await complete;
    if (all && turn === opening && mayEdit(session.get())) await proposer.open();
  }

  /** @param {number} id @param {ImageRow['encoding']} encoding @param {number} by the checkpoint */
  function encoded(id, encoding, by) {
    const { image, checkpoint } = session.get();
    // What a former checkpoint had begun tells nothing about the one that answers now.
    if (image?.id !== id || (checkpoint !== null && by !== checkpoint)) return;
    show({ ...image, encoding });
    if (encoding === 'ready') renew();
  }

  /** The network may look at the image at another scale by now. @param {number} id */
  async function rescaled(id) {
    const row = await images.get(id).catch(() => null);
    const { image } = session.get();
    if (!row || image?.id !== id || row.scale === image.scale) return;
    const { microns_per_pixel, chosen_scale, scale, encoding } = row;
    seenAnew({ ...image, microns_per_pixel, chosen_scale, scale, encoding });
    renew();
  }

  /** @param {ImageRow} image whose tiles are others from now on */
  function seenAnew(image) {
    show(image);
    decoder.open(session.get().image);
  }

  /** Proposals are of the checkpoint that answers, once it can propose at once. */
  function renew() {
    if (mayEdit(session.get())) void proposer.renew();
  }

  /** What the next image begins with is in the browser's cache when it is asked for, and it is encoded. */
  async function prefetchNext() {
    const { image } = session.get();
    const next = (mayEdit(session.get()) && image && (await images.inNeed(dataset, image.id).catch(() => null))) || neighbour(1);
    if (next) prefetcher.nextImage(next);
  }

  /** @param {1 | -1} step @returns {ImageRow | undefined} */
  function neighbour(step) {
    const { image, images: rows } = session.get();
    const at = rows.findIndex((row) => row.id === image?.id);
    return at < 0 ? undefined : rows[at + step];
  }

  function loadMore() {
    loading ??= loadPage().finally(() => (loading = null));
    return loading;
  }

  async function loadPage() {
    session.set({ imagesFailed: false });
    try {
      const { results, next } = await images.page(dataset, nextPage);
      nextPage = next;
      const known = new Set(session.get().images.map((row) => row.id));
      const fresh = results.filter((/** @type {ImageRow} */ row) => !known.has(row.id));
      session.set({ images: [...session.get().images, ...fresh], moreImages: next !== null });
    } catch {
      session.set({ imagesFailed: true });
    }
  }

  async function findInList() {
    for (let page = 0; page < SEARCH_PAGES; page++) {
      await loadMore();
      const { image, images: rows, moreImages, imagesFailed } = session.get();
      if (!moreImages || imagesFailed || rows.some((row) => row.id === image?.id)) return;
    }
  }

  /** @param {number} id */
  async function visit(id) {
    if (id !== wanted) window.history.pushState({ image: id }, '', imageUrl(id));
    else if (session.get().phase !== 'failed') return;
    await open(id);
  }

  /** @param {1 | -1} step */
  async function openNeighbour(step) {
    if (step === 1 && !neighbour(1) && session.get().moreImages) await loadMore();
    const found = neighbour(step);
    if (found) return visit(found.id);
    const text = step === 1 ? gettext('This is the last image of the dataset.') : gettext('This is the first image of the dataset.');
    notify(session, { kind: 'info', text });
  }

  /** The next image that needs work, one that is encoded if there is any. */
  async function openNextInNeed() {
    const { image, role } = session.get();
    if (!image) return;
    try {
      const review = isOfReview(session.get());
      const next = await (role === 'viewer' ? images.inNeed(dataset, image.id) : images.offer(dataset, image.id, review));
      if (next) return await visit(next.id);
      const text = review ? gettext('No other image waits for your review.') : gettext('No other image of this dataset needs your work.');
      notify(session, { kind: 'info', text });
    } catch {
      await openNeighbour(1);
    }
  }

  window.addEventListener('popstate', () => {
    const id = Number(window.location.pathname.match(/annotate\/(\d+)/)?.[1]);
    if (id) void open(id);
  });

  const flow = createFlow({ session, images, autosave, show, equip, openNext: () => void openNextInNeed() });

  return {
    imageUrl,
    loadMore,
    move: flow.move,
    open: visit,

    /** Once more, if it could not be opened. */
    retry: () => session.get().phase === 'failed' && open(wanted),

    /** @param {number} id that the page was loaded for */
    async start(id) {
      const opened = open(id);
      await findInList();
      await opened;
    },

    openNeighbour,
    openNextInNeed,

    /** The network looks at the image anew. @param {import('./panels/resolution.js').Resolution} resolution */
    async setResolution(resolution) {
      const { image } = session.get(), turn = opening;
      if (!image) return;
      try {
        await autosave.settled();
        const row = await images.get(image.id);
        const saved = await images.setResolution(image.id, row.version, resolution);
        const now = session.get().image;
        // Another image has been asked for meanwhile.
        if (turn !== opening || now?.id !== image.id) return;
        // An event may have told of the scale before, and that it is encoded by now.
        const encoding = now.scale === saved.scale ? now.encoding : saved.encoding;
        seenAnew({ ...now, ...saved, encoding });
        await proposer.again();
      } catch (error) {
        const reason = /** @type {Error} */ (error).message;
        notify(session, { kind: 'error', text: gettext('The resolution was not changed: %(reason)s', { reason }) });
      }
    },
  };
}

/** @param {import('./store/annotations.js').Patch[]} patches @returns {number} masks more than before */
function growth(patches) {
  const masks = patches.filter(({ kind }) => kind === 'mask');
  return masks.reduce((sum, { before, after }) => sum + (after ? 1 : 0) - (before ? 1 : 0), 0);
}
