/** Says who works on the open image. It warns, it never keeps anyone from work: merging does the rest. */
import { gettext } from '../i18n.js';
import { notify } from '../store/session.js';

/** @typedef {ReturnType<typeof import('../api/leases.js').leasesApi>} LeasesApi */
/** @typedef {import('../store/session.js').LeaseView['choice']} Choice */

/** A third of the time after which a silent page loses its lease. */
const HEARTBEAT = 15000;

/** @param {{store: import('../store/store.js').Store, leases: LeasesApi, tab: string, page?: Document}} parts */
export function createLease({ store: { session }, leases, tab, page = document }) {
  /** @type {number | null} */
  let image = null;
  /** Asked for, and perhaps ours: a page that goes before the answer comes has to give it back, too. */
  let held = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let heart;

  const now = () => session.get().lease;
  /** Whoever looks, or waits for others, keeps nobody away. */
  const works = () => session.get().role !== 'viewer' && now().choice !== 'look' && !session.get().image?.closed;

  /** @param {boolean} [take] */
  async function beat(take = false) {
    const asked = image;
    if (asked === null) return;
    try {
      const looks = !works();
      held ||= !looks;
      const { known, lease } = await (looks ? leases.look(asked) : leases.hold(asked, tab, take));
      if (asked !== image) return;
      const theirs = known && lease && lease.tab !== tab ? lease : null;
      const sameHolder = theirs?.tab === now().holder?.tab;
      // Whoever has decided about one person decides again about another.
      const choice = sameHolder || now().choice === 'look' ? now().choice : 'undecided';
      session.set({ lease: { holder: theirs, choice, mine: known && lease?.tab === tab } });
    } catch {
      // Without an answer nobody is warned, and everybody works.
    }
  }

  /** @param {number} left */
  function release(left) {
    if (held) void leases.release(left, tab).catch(() => {});
    held = false;
    session.set({ lease: { holder: null, choice: 'undecided', mine: false } });
  }

  session.on(({ image: shown }, before) => {
    if (image === null || shown?.id !== before.image?.id || !shown?.closed === !before.image?.closed) return;
    if (works()) void beat();
    else if (held) release(image);
  });
  page.addEventListener('visibilitychange', () => void (page.hidden || beat()));

  return {
    /** @param {number | null} id of the image that is open now */
    open(id) {
      clearInterval(heart);
      if (image !== null) release(image);
      image = id;
      if (id === null) return;
      // A page in the background, and one whose computer sleeps, lets others come.
      heart = setInterval(() => void (page.hidden || beat()), HEARTBEAT);
      void beat();
    },

    /** The lease of this image went from hand to hand. @param {{tab: string | null}} event */
    changed(event) {
      if (event.tab !== tab) void beat();
    },

    /** Somebody would like to have the image to themselves. @param {{name: string}} event */
    wanted({ name }) {
      if (!now().mine) return;
      notify(session, {
        kind: 'warn',
        text: gettext('%(name)s would like to work on this image.', { name }),
        action: { label: gettext('Hand it over'), run: () => this.choose('look') },
      });
    },

    /** @param {Choice} choice  look: change nothing here; beside: both change it */
    choose(choice) {
      const { mine } = now();
      session.set({ lease: { ...now(), choice, mine: mine && choice !== 'look' } });
      if (choice === 'look' && mine && image !== null) void leases.release(image, tab).catch(() => {});
      else void beat();
    },

    async ask() {
      if (image === null) return;
      const asked = await leases.ask(image).then(() => true, () => false);
      const text = asked
        ? gettext('They have been asked. The image is yours as soon as they hand it over or leave.')
        : gettext('They could not be asked just now. You can work beside them.');
      notify(session, { kind: 'info', text });
    },

    /** From another page of one's own. */
    take: () => beat(true),
  };
}
