/** Steps a reviewer through the nuclei of the open image, and keeps what is said about each. */
import { gettext, ngettext } from './i18n.js';
import { threadsOf } from './store/comments.js';
import { ANSWERED, momentSet, NOW, promptOf } from './store/comparison.js';
import { isReviewing, reviewOrder, verdictOn } from './store/review.js';
import { notify } from './store/session.js';

/** @typedef {import('./store/review.js').Choice} Choice */
/** @typedef {import('./store/annotations.js').Mask} Mask */

/**
 * @param {{
 *   store: import('./store/store.js').Store,
 *   api: ReturnType<typeof import('./api/verdicts.js').verdictsApi>,
 *   timeline: Pick<ReturnType<typeof import('./api/timeline.js').timelineApi>, 'page'>,
 *   autosave: Pick<ReturnType<typeof import('./autosave.js').createAutosave>, 'settled' | 'versionOf'>,
 *   compared: Pick<ReturnType<typeof import('./comparison.js').watchComparison>, 'sets'>,
 *   showMask: (mask: Mask) => void,
 * }} parts  showMask: bring it into view and select it
 */
export function createReviewing({ store, api, timeline, autosave, compared, showMask }) {
  const { annotations, comments, comparison, review, session, view } = store;
  /** Nuclei that this reviewer has changed. @type {Set<string>} */
  const fixed = new Set();

  annotations.on(({ patches, origin }) => {
    if (origin !== 'local' || !isReviewing(session.get())) return;
    for (const { kind, id } of patches) if (kind === 'mask') fixed.add(id);
  });

  async function load() {
    const id = session.get().image?.id;
    if (id === undefined) return;
    const rows = await api.ofImage(id).catch(() => []);
    if (session.get().image?.id !== id) return;
    review.set({ verdicts: new Map(rows.map(({ mask, choice, mask_version }) => [mask, { choice, version: mask_version }])) });
  }

  session.on((now, before) => {
    if (now.image?.id !== before.image?.id) {
      fixed.clear();
      review.set({ verdicts: new Map(), at: null, submitted: null });
    }
    if (isReviewing(now) && !isReviewing(before)) void load();
  });

  function order() {
    const threads = threadsOf(comments.get().rows).filter(({ first }) => !first.resolved);
    const disputed = new Set(threads.flatMap(({ first }) => first.mask ?? []));
    return reviewOrder(annotations.masks.values(), { verdicts: review.get().verdicts, disputed, versionOf: autosave.versionOf });
  }

  /** @param {Mask} mask */
  const isOpen = (mask) => verdictOn(mask, review.get().verdicts, autosave.versionOf) === null;

  /** @returns {Mask | null} the nucleus that is judged: the selected one, else the one looked at last */
  function current() {
    const id = view.get().selectedId ?? review.get().at;
    return (id && annotations.masks.get(id)) || null;
  }

  /** @param {Mask | undefined} mask */
  function lookAt(mask) {
    if (!mask) return;
    review.set({ at: mask.id });
    showMask(mask);
  }

  /** The next one that nobody has judged as it is now. */
  function next() {
    const nuclei = order();
    const at = nuclei.findIndex(({ id }) => id === review.get().at);
    const rest = [...nuclei.slice(at + 1), ...nuclei.slice(0, at + 1)];
    const found = rest.find(isOpen);
    if (found) return lookAt(found);
    notify(session, { kind: 'info', text: gettext('Every nucleus is judged. Accept the image, or return it.') });
  }

  /** @returns {Promise<number | null>} the event after which the masks were as the annotator handed them in */
  async function findSubmitted() {
    const id = session.get().image?.id;
    if (id === undefined) return null;
    const { events } = await timeline.page(id, { kind: 'image.state' }).catch(() => ({ events: [] }));
    const found = events.find(({ data }) => data.move === 'submit');
    if (!found) notify(session, { kind: 'info', text: gettext('Nobody has submitted this image yet.') });
    else if (session.get().image?.id === id) review.set({ submitted: found.id });
    return found?.id ?? null;
  }

  return {
    next,
    previous() {
      const nuclei = order();
      const at = nuclei.findIndex(({ id }) => id === review.get().at);
      lookAt(nuclei.at(at < 0 ? -1 : at - 1));
    },

    /** @returns {{judged: number, returned: number, of: number}} */
    get progress() {
      const { verdicts } = review.get();
      const choices = [...annotations.masks.values()].map((mask) => verdictOn(mask, verdicts, autosave.versionOf));
      return {
        judged: choices.filter(Boolean).length,
        returned: choices.filter((choice) => choice === 'returned').length,
        of: choices.length,
      };
    },

    /** What is fixed is judged by being accepted. @param {'accepted' | 'returned'} wanted */
    async judge(wanted) {
      const mask = current();
      if (!isReviewing(session.get()) || !mask) return;
      const choice = wanted === 'accepted' && fixed.has(mask.id) ? 'fixed' : wanted;
      try {
        await autosave.settled();
        const { mask_version: version } = await api.judge(mask.id, autosave.versionOf(mask.id), choice);
        review.set({ verdicts: new Map(review.get().verdicts).set(mask.id, { choice, version }), at: mask.id });
        if (wanted === 'accepted') next();
        else comments.set({ pin: { mask: mask.id, at: null }, open: null });
      } catch (error) {
        const why = /** @type {Error} */ (error).message;
        notify(session, { kind: 'error', text: gettext('The verdict was not saved: %(why)s', { why }) });
      }
    },

    /** @returns {string} what the annotator is told, to begin with */
    summary() {
      const { returned } = this.progress;
      return returned ? ngettext('%(count)s nucleus needs another look.', '%(count)s nuclei need another look.', returned) : '';
    },

    /**
     * The masks now against those that were submitted, then against the model's answers of which they
     * came, then against its latest proposals, then alone. What there is not is left out.
     */
    async cycleDiff() {
      const { mode, right } = comparison.get();
      const image = session.get().image?.id;
      const submitted = mode === 'off' ? await findSubmitted() : review.get().submitted;
      const sets = (await compared.sets()).map(({ id }) => id);
      if (session.get().image?.id !== image) return;
      const proposed = sets.find((id) => promptOf(id) !== null);
      const steps = [submitted === null ? null : momentSet(submitted), sets.includes(ANSWERED) ? ANSWERED : null, proposed].filter(Boolean);
      const next = steps[mode === 'off' ? 0 : steps.indexOf(right) + 1];
      comparison.set(next ? { mode: 'swipe', left: NOW, right: next } : { mode: 'off' });
    },
  };
}
