import { gettext } from '../i18n.js';
import { element, setText } from './element.js';

/** @typedef {{chooseLease: (choice: 'look' | 'beside') => void, askForLease: () => void, takeLease: () => void}} Page */

/**
 * Who else works on this image, and what one can do about it.
 * @param {import('../store/store.js').Store} store @param {Page} page
 */
export function createLeaseBanner({ session }, page) {
  const text = element('p', {});
  const button = (/** @type {string} */ label, /** @type {string} */ testid, /** @type {() => void} */ run) =>
    element('button', { type: 'button', class: 'button small', text: label, 'data-testid': testid, onclick: run });
  const look = button(gettext('Only look'), 'lease-look', () => page.chooseLease('look'));
  const beside = button(gettext('Work too'), 'lease-beside', () => page.chooseLease('beside'));
  const ask = button(gettext('Ask for it'), 'lease-ask', page.askForLease);
  const take = button(gettext('Use this tab'), 'lease-take', page.takeLease);
  const banner = element(
    'div',
    { class: 'lease-banner', role: 'status', 'data-testid': 'lease-banner', hidden: true },
    text, look, beside, take, ask,
  );

  function update() {
    const { lease, user, role, phase } = session.get();
    const { holder, choice } = lease;
    const own = holder?.user === user?.id;
    banner.hidden = phase !== 'ready' || (!holder && choice !== 'look');
    banner.dataset.choice = choice;
    setText(text, describe(holder, own, choice));
    const viewer = role === 'viewer';
    look.hidden = viewer || choice === 'look';
    beside.hidden = viewer || choice === 'beside';
    take.hidden = viewer || !holder || !own;
    ask.hidden = viewer || !holder || own;
  }

  session.on((now, before) => {
    if (now.lease !== before.lease || now.phase !== before.phase) update();
  });
  update();
  return banner;
}

/**
 * @param {import('../store/session.js').LeaseView['holder']} holder @param {boolean} own
 * @param {import('../store/session.js').LeaseView['choice']} choice @returns {string}
 */
function describe(holder, own, choice) {
  if (!holder) return gettext('You are only looking. Nobody else works on this image now.');
  const since = new Date(holder.since).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const who = own
    ? gettext('You have this image open in another tab, since %(since)s.', { since })
    : gettext('%(name)s has been working on this image since %(since)s.', { name: holder.name, since });
  if (choice === 'look') return `${who} ${gettext('You are only looking.')}`;
  return `${who} ${gettext('What either of you does is kept.')}`;
}
