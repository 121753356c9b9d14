import { gettext } from '../i18n.js';
import { element, setText } from './element.js';
import { icon } from './icons.js';

/** Beyond it nobody counts along. */
const MOST = 99;

/** The way to what one should know. @param {import('../store/store.js').Store['session']} session */
export function createBell(session) {
  const count = element('span', { class: 'count', 'aria-hidden': 'true' });
  const bell = element('a', { class: 'bell', href: '/notices/', 'data-testid': 'bell' }, icon('bell'), count);

  function update() {
    const { unread } = session.get();
    count.hidden = !unread;
    setText(count, unread > MOST ? `${MOST}+` : String(unread));
    bell.title = unread ? gettext('Notices, %(count)s unread', { count: count.textContent ?? '' }) : gettext('Notices');
    bell.setAttribute('aria-label', bell.title);
  }

  session.on((now, before) => {
    if (now.unread !== before.unread) update();
  });
  update();
  return bell;
}
