import { gettext, ngettext } from '../i18n.js';
import { watchConflicts } from '../store/conflicts.js';
import { mayEdit } from '../store/session.js';
import { element, setText } from './element.js';

/** @typedef {import('../store/annotations.js').Mask} Mask */
/** @typedef {import('../store/conflicts.js').Decision} Decision */
/** @typedef {{showMask: (mask: Mask) => void, decide: (copy: Mask, keep: Decision) => void}} Commands */

/**
 * What two people did to one nucleus at once, until somebody decides. Hidden when there is nothing.
 * @param {import('../store/store.js').Store} store @param {Commands} commands
 */
export function createConflicts({ annotations, session }, commands) {
  const title = element('h2', { id: 'conflicts-title' });
  const list = element('ul', { class: 'conflicts' });
  const panel = element(
    'section',
    { class: 'panel conflicts-panel', 'aria-labelledby': 'conflicts-title', 'data-testid': 'conflicts', hidden: true },
    title,
    element('p', { class: 'muted small', text: gettext('Two people changed these at once. Nothing is lost: keep one of the two, or both.') }),
    list,
  );
  /** @type {Mask[]} */
  let copies = [];

  function update() {
    panel.hidden = !copies.length;
    setText(title, ngettext('%(count)s conflict', '%(count)s conflicts', copies.length));
    list.replaceChildren(...copies.map(row));
  }

  /** @param {Mask} copy */
  function row(copy) {
    const [x, y] = copy.bbox;
    const place = gettext('Nucleus at %(x)s, %(y)s', { x, y });
    return element(
      'li',
      {},
      element('button', { type: 'button', class: 'link', text: place, onclick: () => commands.showMask(copy) }),
      element(
        'div',
        { class: 'actions', role: 'group', 'aria-label': gettext('%(place)s: keep', { place }) },
        choice(copy, 'copy', isMine(copy) ? gettext('Keep mine') : gettext('Keep the copy')),
        choice(copy, 'other', isMine(copy) ? gettext('Keep theirs') : gettext('Keep the other')),
        choice(copy, 'both', gettext('Keep both')),
      ),
    );
  }

  /** @param {Mask} copy @param {Decision} keep @param {string} text */
  function choice(copy, keep, text) {
    return element('button', {
      type: 'button', class: 'button small', text, disabled: !mayEdit(session.get()),
      'data-testid': `conflict-${keep}`, onclick: () => commands.decide(copy, keep),
    });
  }

  /** @param {Mask} copy @returns {boolean} the copy holds what this person did */
  const isMine = ({ author }) => author === null || author === session.get().user?.id;

  watchConflicts(annotations, (now) => {
    copies = now;
    update();
  });
  session.on((now, before) => {
    if (copies.length && mayEdit(now) !== mayEdit(before)) update();
  });
  return panel;
}
