/** Brings what people say about the open image, and takes there what this person says. */
import { gettext } from './i18n.js';
import { notify } from './store/session.js';

/** @typedef {import('./store/comments.js').Pin} Pin */

/**
 * @param {{
 *   store: Pick<import('./store/store.js').Store, 'comments' | 'session'>,
 *   api: ReturnType<typeof import('./api/comments.js').commentsApi>, dataset: number,
 *   asked: string | null, show: (first: import('./store/comments.js').Comment) => void,
 * }} parts  asked: the comment for which the page was opened; its thread is shown as soon as it and the image are there
 */
export function createTalk({ store: { comments, session }, api, dataset, asked, show }) {
  /** Several hints in a moment are one question. @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  async function load() {
    const id = session.get().image?.id;
    if (id === undefined) return;
    try {
      const { results } = await api.ofImage(id);
      if (session.get().image?.id === id) comments.set({ rows: results.toSorted((a, b) => a.created_at.localeCompare(b.created_at)), state: 'ready' });
      showAsked();
    } catch {
      if (session.get().image?.id === id) comments.set({ state: 'failed' });
    }
  }

  function showAsked() {
    const { rows, state } = comments.get();
    if (!asked || state !== 'ready' || session.get().phase !== 'ready') return;
    const said = rows.find(({ id }) => id === asked);
    const first = rows.find(({ id }) => id === (said?.thread ?? said?.id));
    asked = null;
    if (first) show(first);
    else notify(session, { kind: 'info', text: gettext('The comment is not there any more.') });
  }

  /** @param {() => Promise<unknown>} act @returns {Promise<boolean>} */
  async function attempt(act) {
    try {
      await act();
      await load();
      return true;
    } catch (error) {
      const why = /** @type {Error} */ (error).message;
      notify(session, { kind: 'error', text: gettext('The comment was not saved: %(why)s', { why }) });
      return false;
    }
  }

  session.on((now, before) => {
    if (now.phase !== before.phase) showAsked();
    if (now.image?.id === before.image?.id) return;
    if (before.image) asked = null;
    comments.set({ rows: [], state: 'none', open: null, pin: null });
    void load();
  });

  return {
    load,
    /** Somebody said something. */
    hint() {
      clearTimeout(timer);
      timer = setTimeout(load, 250);
    },

    /** @param {string} text @param {{thread?: string, pin?: Pin | null}} where */
    async say(text, { thread, pin }) {
      const image = session.get().image?.id;
      if (image === undefined || !text.trim()) return false;
      const id = crypto.randomUUID();
      const { mask, at } = pin ?? { mask: null, at: null };
      const body = thread ? { image, text, thread } : { image, text, mask, x: at?.x ?? null, y: at?.y ?? null };
      const said = await attempt(() => api.add(id, body));
      if (said) comments.set({ pin: null, open: thread ?? id });
      return said;
    },

    /** @param {string} id @param {boolean} resolved */
    resolve: (id, resolved) => attempt(() => api.resolve(id, resolved)),
    /** @param {string} id */
    remove: (id) => attempt(() => api.remove(id)),

    /** Who can be mentioned, asked for once somebody types “@”. */
    async findMembers() {
      if (comments.get().members.length) return;
      const { results } = await api.members(dataset).catch(() => ({ results: [] }));
      comments.set({ members: results.map(({ username }) => username) });
    },
  };
}
