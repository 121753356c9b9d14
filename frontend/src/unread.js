/** Keeps the page told how many notices this person has not read, as long as somebody looks at it. */

const EVERY = 60000;

/**
 * @param {{
 *   session: import('./store/state.js').State<import('./store/session.js').SessionState>,
 *   notices: ReturnType<typeof import('./api/notices.js').noticesApi>, page: Document,
 * }} parts
 */
export function watchUnread({ session, notices, page }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  async function look() {
    clearTimeout(timer);
    if (page.hidden) return;
    timer = setTimeout(look, EVERY);
    const answer = await notices.unread().catch(() => null);
    if (answer) session.set({ unread: answer.unread });
  }

  page.addEventListener('visibilitychange', () => void look());
  void look();
}
