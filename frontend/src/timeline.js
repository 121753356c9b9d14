/** Reads the history of the open image while somebody looks at it, and goes back to a moment of it. */
import { gettext, ngettext } from './i18n.js';
import { momentSet, NOW } from './store/comparison.js';
import { selectedMask } from './store/focus.js';
import { notify } from './store/session.js';

/** @typedef {import('./store/timeline.js').Told} Told */

/** Somebody who works saves every second or so. */
const GATHER = 400;

/**
 * @param {{
 *   store: import('./store/store.js').Store,
 *   api: Pick<ReturnType<typeof import('./api/timeline.js').timelineApi>, 'page' | 'restore'>,
 *   look: () => void,
 * }} parts  look: fetches the masks that changed on the server
 */
export function watchTimeline({ store, api, look }) {
  const { annotations, comparison, session, timeline, view } = store;
  /** What is asked for, or shown: another question makes an answer one too late. */
  let asked = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @returns {{image: number, mask: string | null, actor: number | null, kind: string} | null} null: nobody looks */
  function question() {
    const { image, phase } = session.get();
    if (!image || phase !== 'ready' || !view.get().openSections.includes('history')) return null;
    const mask = selectedMask(store)?.id ?? null;
    const { actor, kind } = timeline.get();
    return mask ? { image: image.id, mask, actor: null, kind: '' } : { image: image.id, mask, actor, kind };
  }

  /** Asks anew if the question is another one. */
  function refresh() {
    const now = question();
    const key = JSON.stringify(now);
    if (key === asked) return;
    asked = key;
    clearTimeout(timer);
    if (!now) return timeline.set({ events: [], next: null, nucleus: null, state: 'none' });
    timeline.set({ events: [], next: null, nucleus: now.mask, state: 'loading' });
    void read(now, null);
  }

  /** @param {NonNullable<ReturnType<typeof question>>} about @param {number | null} before */
  async function read({ image, ...about }, before) {
    const mine = asked;
    try {
      const { events, next } = await api.page(image, { ...about, before });
      if (mine !== asked) return;
      timeline.set({ events: before === null ? events : [...timeline.get().events, ...events], next, state: 'ready' });
    } catch {
      if (mine === asked) timeline.set({ state: 'failed' });
    }
  }

  /** The newest page once more: something was saved. */
  function again() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const now = question();
      if (now) void read(now, null);
    }, GATHER);
  }

  session.on((now, before) => {
    if (now.image?.id !== before.image?.id) timeline.set({ actor: null, moment: null });
    refresh();
    const saved = now.save.state === 'saved' && before.save.state !== 'saved';
    if (saved || (now.image && before.image && now.image.version !== before.image.version)) again();
  });
  view.on(refresh);
  timeline.on((now, before) => {
    if (now.actor !== before.actor || now.kind !== before.kind) refresh();
  });
  annotations.on(({ origin }) => {
    refresh();
    if (origin === 'remote' && !session.get().arriving) again();
  });
  // Somebody chose something else to compare, or nothing.
  comparison.on((now) => {
    const { moment } = timeline.get();
    if (moment && (now.mode === 'off' || now.right !== momentSet(moment.id))) timeline.set({ moment: null });
  });

  /** @param {number} event @returns {Promise<{count: number, undo: number | null} | null>} null: nothing was changed */
  async function goTo(event) {
    const { image, save } = session.get();
    if (!image || timeline.get().restoring) return null;
    if (save.state !== 'saved') {
      notify(session, { kind: 'warn', text: gettext('Not everything is saved yet. Try again in a moment.') });
      return null;
    }
    timeline.set({ restoring: true });
    try {
      const answer = await api.restore(image.id, event);
      look();
      again();
      if (!answer.count) notify(session, { kind: 'info', text: gettext('The nuclei are so already.') });
      return answer.count ? answer : null;
    } catch (error) {
      notify(session, { kind: 'error', text: /** @type {Error} */ (error).message });
      return null;
    } finally {
      timeline.set({ restoring: false });
    }
  }

  return {
    more() {
      const now = question();
      const { next, state } = timeline.get();
      if (!now || next === null || state === 'loading') return;
      timeline.set({ state: 'loading' });
      void read(now, next);
    },

    retry() {
      asked = '';
      refresh();
    },

    /** Shows the image as it was right after the event; once more: as it is. @param {Told} event */
    lookAt(event) {
      const { moment } = timeline.get();
      if (moment?.id === event.id) return comparison.set({ mode: 'off' });
      timeline.set({ moment: event });
      const { mode } = comparison.get();
      comparison.set({ mode: mode === 'off' ? 'swipe' : mode, left: NOW, right: momentSet(event.id) });
    },

    /** All nuclei become what they were right after the event. @param {Told} event */
    async restoreMoment(event) {
      const answer = await goTo(event.id);
      if (!answer) return;
      comparison.set({ mode: 'off' });
      const { undo, count } = answer;
      notify(session, {
        kind: 'info',
        text: ngettext('%(count)s nucleus is as it was.', '%(count)s nuclei are as they were.', count),
        action: undo === null ? undefined : { label: gettext('Undo'), run: () => void goTo(undo) },
      });
    },
  };
}
