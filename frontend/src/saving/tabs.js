/** Which pages of this browser live: each holds a lock in its own name for as long as it does. */

const nameOf = (/** @type {string} */ tab) => `sppnet-annotate.tab.${tab}`;

/**
 * @param {LockManager | undefined} locks the browser's
 * @param {Window} page
 * @returns {import('../autosave.js').Tabs}
 */
export function watchTabs(locks, page) {
  const id = crypto.randomUUID();
  void locks?.request(nameOf(id), () => new Promise((release) => page.addEventListener('pagehide', release)));
  // A page that the browser woke from its cache has given its changes away: it begins anew.
  page.addEventListener('pageshow', (event) => event.persisted && page.location.reload());
  return {
    id,
    claim: async (tab) => !locks || locks.request(nameOf(tab), { ifAvailable: true }, (lock) => lock !== null),
  };
}
