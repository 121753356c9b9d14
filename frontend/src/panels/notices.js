import { gettext } from '../i18n.js';
import { dismissNotice } from '../store/session.js';
import { element, iconButton } from './element.js';
import { icon } from './icons.js';

const HINT_TIME = 4500;
const INFO_TIME = 8000;

/** @param {import('../store/store.js').Store} store */
export function createNotices({ session }) {
  const list = element('div', { class: 'notices', role: 'log', 'aria-live': 'assertive', 'aria-label': gettext('Messages') });

  session.on((now, before) => {
    if (now.notices === before.notices) return;
    const shown = new Set(now.notices.map((n) => String(n.id)));
    for (const node of [...list.children]) {
      if (!shown.has(/** @type {HTMLElement} */ (node).dataset.id ?? '')) node.remove();
    }
    for (const notice of now.notices.filter((n) => !before.notices.includes(n))) list.append(toast(notice));
  });

  /** @param {import('../store/session.js').Notice} notice */
  function toast({ id, kind, text, action }) {
    const close = () => dismissNotice(session, id);
    if (kind !== 'error') setTimeout(close, INFO_TIME);
    return element(
      'div',
      { class: 'toast', 'data-kind': kind, 'data-id': id, 'data-testid': 'toast' },
      element('p', { text }),
      action
        ? element('button', { type: 'button', class: 'button small', text: action.label, onclick: () => (close(), action.run()) })
        : null,
      iconButton({ icon: icon('cross'), label: gettext('Dismiss'), run: close, side: 'top' }),
    );
  }
  return list;
}

/** One quiet line for what a key or click came to. */
export function createHint() {
  const line = element('p', { class: 'hint', role: 'status', 'aria-live': 'polite', 'data-testid': 'hint' });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return {
    element: line,
    /** @param {string} text */
    say(text) {
      clearTimeout(timer);
      line.textContent = text;
      line.classList.add('shown');
      timer = setTimeout(() => line.classList.remove('shown'), HINT_TIME);
    },
  };
}
