/** The moves of the open image from hand to hand: submit, review, accept, return … */
import { gettext } from './i18n.js';
import { mayEdit, notify } from './store/session.js';

/** @typedef {import('./store/session.js').Move} Move */
/** @typedef {import('./store/session.js').ImageRow} ImageRow */

/**
 * @param {{
 *   session: import('./store/store.js').Store['session'],
 *   images: Pick<ReturnType<typeof import('./api/images.js').imagesApi>, 'get' | 'move'>,
 *   autosave: Pick<ReturnType<typeof import('./autosave.js').createAutosave>, 'settled'>,
 *   show: (image: ImageRow) => void, equip: () => Promise<void>, openNext: () => void,
 * }} parts  show: the image is like this now; equip: whoever may change it now gets what it takes
 */
export function createFlow({ session, images, autosave, show, equip, openNext }) {
  /** @param {ImageRow} row as the server has it */
  async function take(row) {
    const { image } = session.get();
    if (image?.id !== row.id) return;
    const before = mayEdit(session.get());
    // What was drawn and is not saved yet is counted here alone.
    show({ ...image, ...row, mask_count: image.mask_count });
    if (!before && mayEdit(session.get())) await equip();
  }

  /** @param {Move} move @param {ImageRow} row */
  function announce(move, row) {
    const words = { name: row.name };
    const text = {
      submit: row.status === 'accepted' ? gettext('%(name)s is accepted.', words) : gettext('%(name)s is submitted for review.', words),
      reopen: gettext('%(name)s is open again.', words),
      review: gettext('You are reviewing %(name)s.', words),
      release: gettext('%(name)s waits for another reviewer.', words),
      accept: gettext('%(name)s is accepted.', words),
      return: gettext('%(name)s is returned to its annotator.', words),
    }[move];
    const leaves = move === 'submit' || move === 'accept' || move === 'return';
    notify(session, { kind: 'info', text, action: leaves ? { label: gettext('Next image'), run: openNext } : undefined });
  }

  /** @param {number} id */
  const look = (id) => images.get(id).then(take, () => {});

  return {
    /** @param {Move} move @param {string} [note] why */
    async move(move, note = '') {
      const { image } = session.get();
      if (!image) return false;
      try {
        await autosave.settled();
        if (session.get().save.state !== 'saved') throw new Error(gettext('Not everything is saved yet.'));
        const { version } = await images.get(image.id);
        const row = await images.move(image.id, move, version, note);
        announce(move, row);
        await take(row);
        return true;
      } catch (error) {
        const why = /** @type {Error} */ (error).message;
        notify(session, { kind: 'error', text: gettext('The status was not changed: %(why)s', { why }) });
        await look(image.id);
        return false;
      }
    },

    /** Somebody has moved the image. @param {number} id @param {{version: number, status: string}} event */
    async moved(id, { version, status }) {
      const { image } = session.get();
      if (image?.id === id && (image.version !== version || image.status !== status)) await look(id);
    },
  };
}
