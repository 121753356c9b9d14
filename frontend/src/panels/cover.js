import { gettext } from '../i18n.js';
import { element } from './element.js';

/**
 * What lies over the stage while there is no image to work on.
 * @param {import('../store/store.js').Store} store @param {{reload: () => void, datasetUrl: string}} page
 */
export function createCover({ session }, page) {
  const cover = element('div', { class: 'cover', 'data-testid': 'cover' });

  function update() {
    const { phase, failure } = session.get();
    cover.hidden = phase === 'ready';
    if (phase === 'loading') {
      cover.replaceChildren(element('p', { class: 'muted', role: 'status', text: gettext('Opening the image…') }));
    }
    if (phase === 'failed') {
      cover.replaceChildren(
        element(
          'div',
          { class: 'card', role: 'alert' },
          element('h2', { text: gettext('This image could not be opened') }),
          element('p', { text: failure }),
          element(
            'div',
            { class: 'actions' },
            element('button', { type: 'button', class: 'button primary', text: gettext('Try again'), onclick: page.reload }),
            element('a', { class: 'button', href: page.datasetUrl, text: gettext('Back to the dataset') }),
          ),
        ),
      );
    }
  }

  session.on((now, before) => {
    if (now.phase !== before.phase || now.failure !== before.failure) update();
  });
  update();
  return cover;
}
