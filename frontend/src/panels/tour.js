/** Three steps for whoever is here for the first time: make a mask, put it right, go on. */
import { gettext } from '../i18n.js';
import { element } from './element.js';

/** @typedef {{name: string, target: string, title: string, text: string}} Step  target: what it points at */

/** @type {readonly Step[]} */
const STEPS = [
  {
    name: 'click',
    target: '.stage',
    title: gettext('Click a nucleus'),
    text: gettext('One click in the middle of a nucleus, and the model outlines it. Dashed outlines are proposals: point at one and press A to take it.'),
  },
  {
    name: 'fix',
    target: '.toolbar',
    title: gettext('Keep it, or put it right'),
    text: gettext('Enter accepts the yellow mask, Delete rejects it. Shift+click adds to it, a right click takes away; brush and eraser do the rest. Everything can be undone.'),
  },
  {
    name: 'go-on',
    target: '.header',
    title: gettext('Go on with the next image'),
    text: gettext('Your work is saved as you go: see “Saved” up here. N opens the next image, M marks this one done, and the question mark key shows every key.'),
  },
];

/**
 * @param {HTMLElement} root where the targets are
 * @param {() => void} over  finished or skipped: it does not come by itself again
 */
export function createTour(root, over) {
  const place = element('p', { class: 'muted small' });
  const title = element('h2', { id: 'tour-title' });
  const text = element('p', { id: 'tour-text' });
  const back = element('button', { type: 'button', class: 'button', text: gettext('Back'), onclick: () => go(at - 1) });
  const skip = element('button', { type: 'button', class: 'button', text: gettext('Skip'), 'data-testid': 'tour-skip', onclick: () => dialog.close() });
  const next = element('button', { type: 'button', class: 'button primary', 'data-testid': 'tour-next', onclick: () => go(at + 1) });
  const dialog = element(
    'dialog',
    { class: 'tour', 'aria-labelledby': 'tour-title', 'aria-describedby': 'tour-text', 'data-testid': 'tour', onclose: leave },
    place,
    title,
    text,
    element('div', { class: 'actions' }, skip, element('span', { class: 'spring' }), back, next),
  );
  let at = 0;

  /** @param {number} step beyond the last: done */
  function go(step) {
    if (step >= STEPS.length) return dialog.close();
    at = Math.max(0, step);
    const { name, target, title: heading, text: words } = STEPS[at];
    dialog.dataset.step = name;
    place.textContent = gettext('Step %(step)s of %(steps)s', { step: at + 1, steps: STEPS.length });
    title.textContent = heading;
    text.textContent = words;
    back.hidden = at === 0;
    skip.hidden = at === STEPS.length - 1;
    next.textContent = at === STEPS.length - 1 ? gettext('Start annotating') : gettext('Next');
    point(target);
    next.focus();
  }

  /** @param {string | null} target */
  function point(target) {
    root.querySelector('.tour-target')?.classList.remove('tour-target');
    if (target) root.querySelector(target)?.classList.add('tour-target');
  }

  function leave() {
    point(null);
    over();
  }

  return {
    element: dialog,
    show() {
      if (dialog.open) return;
      dialog.showModal();
      go(0);
    },
  };
}
