import { gettext } from '../i18n.js';
import { element } from './element.js';

/** What the owners ask of annotators, beside the image. @param {import('../store/store.js').Store} store */
export function createInstructions({ session }) {
  const prose = element('div', { class: 'prose' });
  const fold = element(
    'details',
    { class: 'panel instructions', hidden: true, 'data-testid': 'instructions' },
    element('summary', {}, element('h2', { text: gettext('Instructions') })),
    prose,
  );
  let shown = '';

  session.on(({ instructions }) => {
    if (instructions === shown) return;
    shown = instructions;
    // The server has made it of Markdown, and taken out what harms.
    prose.innerHTML = instructions;
    fold.hidden = !instructions;
  });
  return fold;
}
