/** Where something was said, as buttons on the image. */
import { toScreen } from '../geometry/viewport.js';
import { ngettext } from '../i18n.js';
import { placeOf, threadsOf } from '../store/comments.js';
import { element } from './element.js';

/** @typedef {import('../store/comments.js').Comment} Comment */

/**
 * @param {import('../store/store.js').Store} store
 * @param {{showThread: (thread: Comment) => void}} commands
 */
export function createCommentMarkers({ annotations, comments, view }, commands) {
  const layer = element('div', { class: 'comment-markers' });
  /** @type {{first: Comment, node: HTMLElement}[]} */
  let markers = [];

  function rebuild() {
    const { rows, open } = comments.get();
    markers = threadsOf(rows)
      .filter(({ first }) => (first.mask || first.x !== null) && (!first.resolved || first.id === open))
      .map(({ first, answers }) => ({
        first,
        node: element('button', {
          type: 'button', class: 'comment-marker', text: String(1 + answers.length), title: first.text,
          'aria-label': ngettext('%(count)s comment: %(text)s', '%(count)s comments: %(text)s', 1 + answers.length, { text: first.text }), 'aria-pressed': String(first.id === open),
          'data-testid': 'comment-marker', onpointerdown: (/** @type {Event} */ event) => event.stopPropagation(),
          onclick: () => commands.showThread(first),
        }),
      }));
    layer.replaceChildren(...markers.map(({ node }) => node));
    follow();
  }

  function follow() {
    const { viewport, screen, hidden } = view.get();
    for (const { first, node } of markers) {
      const place = placeOf(first, annotations.masks);
      const at = place && toScreen(viewport, place);
      node.hidden = hidden || !at || at.x < 0 || at.y < 0 || at.x > screen.width || at.y > screen.height;
      if (at) node.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px)`;
    }
  }

  comments.on((now, before) => {
    if (now.rows !== before.rows || now.open !== before.open) rebuild();
  });
  return { element: layer, follow };
}
