/** Undo survives a reload: the last steps on each image are kept beside the journal for a while. */

/** @typedef {import('../store/history.js').Steps} Steps */
/** @typedef {Pick<import('../journal.js').Journal, 'history' | 'putHistory' | 'forgetHistories'>} HistoryJournal */

/** So many masks and clicks at most, in whole steps: writing them must not be felt. */
const MOST_PATCHES = 400;
/** Nobody means yesterday's work by Ctrl+Z. */
const LIFETIME = 3600_000;

/** @param {{store: import('../store/store.js').Store, journal: HistoryJournal | null}} parts */
export function createHistoryLog({ store: { history, session }, journal }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  void journal?.forgetHistories(Date.now() - LIFETIME).catch(() => {});

  function write() {
    clearTimeout(timer);
    timer = undefined;
    const image = session.get().image?.id;
    if (image === undefined) return;
    const { done, undone } = history.steps;
    void journal?.putHistory(image, { done: latest(done), undone: latest(undone), at: Date.now() }).catch(() => {});
  }

  // At once, but once for a step that is told of twice: what is begun when the page ends may be lost.
  history.on(() => (timer ??= setTimeout(write)));

  return {
    /** @param {number} image that is being opened @returns {Promise<Steps | undefined>} */
    async recall(image) {
      if (timer) write();
      const steps = await journal?.history(image).catch(() => undefined);
      return steps && Date.now() - steps.at < LIFETIME ? steps : undefined;
    },
  };
}

/** @param {Steps['done']} steps @returns {Steps['done']} the last of them, as many as there is room for */
function latest(steps) {
  let room = MOST_PATCHES;
  const first = steps.findLastIndex((patches) => (room -= patches.length) < 0);
  return steps.slice(first + 1);
}
