/** Brings what others save to the open page. Events are hints; the server is asked what changed. */

/** @typedef {{masks: any[], cursor: string, more: boolean}} Changes */

/** Several hints in a moment are one question. */
const GATHER = 250;
/** Hints may be missed while the line is down. */
const LOOK_ANYWAY = 30000;

/**
 * @param {{
 *   session: import('../store/store.js').Store['session'],
 *   changes: (image: number, since: string | null) => Promise<Changes>,
 *   autosave: Pick<ReturnType<typeof import('../autosave.js').createAutosave>, 'receive' | 'knows'>,
 * }} parts
 */
export function createLive({ session, changes, autosave }) {
  /** @type {number | null} */
  let image = null;
  /** @type {string | null} */
  let cursor = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {object | null} the look under way; another image makes it one too late */
  let looking = null;
  /** Something was saved while a look was under way, perhaps too late for it. */
  let hinted = false;

  /** @param {number} wait */
  function lookIn(wait) {
    clearTimeout(timer);
    timer = setTimeout(look, wait);
  }

  async function look() {
    if (image === null || looking) return;
    const asked = image;
    const mine = (looking = {});
    hinted = false;
    try {
      for (let more = true; more; ) {
        const answer = await changes(asked, cursor);
        if (looking !== mine) return;
        cursor = answer.cursor;
        more = answer.more;
        introduce(answer.masks);
        autosave.receive(asked, answer.masks);
      }
    } catch {
      // The next look tells.
    } finally {
      if (looking === mine) {
        looking = null;
        lookIn(hinted ? GATHER : LOOK_ANYWAY);
      }
    }
  }

  /** The names of people whose first mask this is. @param {any[]} rows */
  function introduce(rows) {
    const { authors } = session.get();
    const known = new Set(authors.map(({ id }) => id));
    const fresh = new Map(rows.filter(({ author }) => !known.has(author)).map((row) => [row.author, row.created_by]));
    if (fresh.size) session.set({ authors: [...authors, ...[...fresh].map(([id, name]) => ({ id, name }))] });
  }

  return {
    /** Call before the image's masks are read: what is saved while they come is told later. @param {number | null} id */
    open(id) {
      image = id;
      cursor = null;
      looking = null;
      clearTimeout(timer);
      if (id !== null) void look();
    },

    /** Somebody saved a mask: perhaps this very page. @param {{id: string, version: number}} event */
    hint({ id, version }) {
      if (image === null || autosave.knows(id, version)) return;
      if (looking) hinted = true;
      else lookIn(GATHER);
    },

    /** The line was down, or the computer asleep. */
    look: () => image !== null && lookIn(0),
  };
}
