import { gettext, ngettext } from '../i18n.js';
import { element, setText } from './element.js';

/** @typedef {import('../store/session.js').SaveState} SaveState */

/**
 * @param {import('../store/state.js').State<import('../store/session.js').SessionState>} session
 * @param {{retrySaving: () => void, discardRefused: () => void}} page
 */
export function createSaveState(session, page) {
  const text = element('span', { role: 'status', 'aria-live': 'polite', 'data-testid': 'save-state' });
  const retry = element('button', { type: 'button', class: 'button small', text: gettext('Try again'), 'data-testid': 'save-retry', onclick: page.retrySaving });
  const discard = element('button', { type: 'button', class: 'button small', text: gettext('Discard'), 'data-testid': 'save-discard', onclick: page.discardRefused });
  const box = element('div', { class: 'save-state' }, element('span', { class: 'dot' }), text, retry, discard);

  function update() {
    const { save } = session.get();
    setText(text, describe(save));
    box.dataset.state = save.journal || save.state === 'saved' ? save.state : 'refused';
    retry.hidden = save.state === 'saved' || save.state === 'saving';
    discard.hidden = save.refused === 0;
  }

  session.on(update);
  update();
  return box;
}

/** @param {number} n */
const changes = (n) => ngettext('%(count)s change', '%(count)s changes', n);

/** @param {SaveState} save @returns {string} */
export function describe({ state, waiting, refused, journal }) {
  const kept = journal ? gettext('kept') : gettext('only in this page: do not close it');
  switch (state) {
    case 'saved':
      return gettext('Saved');
    case 'saving':
      return gettext('Saving…');
    case 'offline':
      return gettext('Offline: %(changes)s %(kept)s', { changes: changes(waiting), kept });
    case 'signed_out':
      return gettext('Signed out: %(changes)s %(kept)s. Sign in again in another tab.', { changes: changes(waiting), kept });
    case 'refused':
      return gettext('%(changes)s not accepted by the server, %(kept)s', { changes: changes(refused), kept });
  }
}
