import { gettext, ngettext } from '../i18n.js';
import { element, setText } from './element.js';

/** @typedef {import('../store/session.js').SaveState} SaveState */

/**
 * @param {import('../store/state.js').State<import('../store/session.js').SessionState>} session
 * @param {{retrySaving: () => void, discardRefused: () => void, signInUrl: string}} page
 */
export function createSaveState(session, page) {
  const text = element('span', { role: 'status', 'aria-live': 'polite', 'data-testid': 'save-state' });
  const signIn = element('a', { class: 'button small', href: page.signInUrl, target: '_blank', text: gettext('Sign in'), 'data-testid': 'save-sign-in' });
  const retry = element('button', { type: 'button', class: 'button small', 'data-testid': 'save-retry', onclick: page.retrySaving });
  const discard = element('button', { type: 'button', class: 'button small', text: gettext('Discard mine'), 'data-testid': 'save-discard', onclick: page.discardRefused });
  const box = element('div', { class: 'save-state' }, element('span', { class: 'dot' }), text, signIn, retry, discard);

  function update() {
    const { save } = session.get();
    setText(text, describe(save));
    setText(retry, save.state === 'refused' ? gettext('Save mine') : gettext('Try again'));
    box.title = save.why;
    box.dataset.state = save.journal || save.state === 'saved' ? save.state : 'refused';
    signIn.hidden = save.state !== 'signed_out' && save.state !== 'other_account';
    retry.hidden = save.state === 'saved' || save.state === 'saving';
    discard.hidden = save.refused === 0;
  }

  session.on((now, before) => {
    if (now.save !== before.save) update();
  });
  update();
  return box;
}

/** @param {number} n */
const changes = (n) => ngettext('%(count)s change', '%(count)s changes', n);

/** @param {SaveState} save @returns {string} */
export function describe({ state, waiting, refused, journal }) {
  const kept = journal ? gettext('kept') : gettext('only in this page: do not close it');
  switch (state) {
    case 'saving':
      return gettext('Saving…');
    case 'offline':
      return gettext('Offline: %(changes)s %(kept)s', { changes: changes(waiting), kept });
    case 'signed_out':
      return gettext('Signed out: %(changes)s %(kept)s', { changes: changes(waiting), kept });
    case 'other_account':
      return gettext('Someone else is signed in: %(changes)s %(kept)s for you', { changes: changes(waiting), kept });
    case 'refused':
      return gettext('Needs attention: %(changes)s not saved, %(kept)s', { changes: changes(refused), kept });
    default:
      return gettext('Saved');
  }
}
