/** The buttons that hang beside the pending or the selected mask, on the canvas. */
import { toScreen } from '../geometry/viewport.js';
import { activePending, selectedMask } from '../store/focus.js';
import { mayEdit } from '../store/session.js';
import { gettext } from '../i18n.js';
import { element, iconButton, setText } from './element.js';
import { icon } from './icons.js';

const GAP = 10;

/** @param {import('../store/store.js').Store} store @param {import('./app.js').Commands} commands */
export function createDecision(store, commands) {
  const { session, view } = store;
  const accept = iconButton({ icon: icon('check'), label: gettext('Accept'), key: 'Enter', testid: 'accept', run: commands.acceptActive, side: 'top' });
  const reject = iconButton({ icon: icon('cross'), label: gettext('Reject'), key: 'Delete', testid: 'reject', run: commands.remove, side: 'top' });
  const again = iconButton({ icon: icon('again'), label: gettext('Ask again'), key: 'R', testid: 'ask-again', run: commands.askAgain, side: 'top' });
  const remove = iconButton({ icon: icon('trash'), label: gettext('Delete'), key: 'Delete', testid: 'delete-mask', run: commands.remove, side: 'top' });
  const text = element('span', { class: 'decision-text' });
  accept.classList.add('accept');
  reject.classList.add('reject');
  const box = element('div', { class: 'decision', role: 'group', 'aria-label': gettext('This mask'), hidden: true }, text, accept, again, reject, remove);

  function update() {
    const pending = activePending(store);
    const mask = selectedMask(store);
    const { viewport, screen, hidden, stroke, draft } = view.get();
    box.hidden = (!pending && !mask) || hidden || stroke !== null || draft !== null || !mayEdit(session.get());
    if (box.hidden) return;
    accept.hidden = !pending?.shape || pending.status === 'thinking';
    again.hidden = pending?.status !== 'failed';
    reject.hidden = !pending;
    remove.hidden = !mask;
    setText(text, pending ? describe(pending) : '');
    text.hidden = !text.textContent;
    const [x, y, w] = (pending?.shape ?? mask)?.bbox ?? around(pending);
    const corner = toScreen(viewport, { x: x + w, y });
    const left = Math.min(corner.x + GAP, screen.width - box.offsetWidth - 8);
    const top = Math.min(corner.y - box.offsetHeight - 2, screen.height - box.offsetHeight - 8);
    box.style.transform = `translate(${Math.round(Math.max(8, left))}px, ${Math.round(Math.max(8, top))}px)`;
  }

  return { element: box, update };
}

/** @param {import('../store/annotations.js').Pending | null} pending @returns {number[]} */
function around(pending) {
  const click = pending?.clicks[pending.clicks.length - 1];
  const [x, y] = click ? [click.x, click.y] : pending?.box ? [pending.box[2], pending.box[1]] : [0, 0];
  return [x, y, 0];
}

/** @param {import('../store/annotations.js').Pending} pending @returns {string} empty when the mask says it all */
function describe({ status, error, shape, score, edited, acceptFrom }) {
  if (status === 'thinking') return acceptFrom === 0 ? gettext('Will be accepted') : '';
  if (status === 'failed') return error;
  if (status === 'empty') {
    return shape
      ? gettext('No better mask was found; this is the one before.')
      : gettext('No nucleus found here. Add a click with Shift, or draw it with the brush.');
  }
  // What the model expects of its own mask; an edited one is the person's.
  if (status !== 'ready' || score === null || edited) return '';
  return score < (acceptFrom ?? 0)
    ? gettext('Unsure, score %(score)s: accept or reject it yourself.', { score: score.toFixed(2) })
    : gettext('Score %(score)s', { score: score.toFixed(2) });
}
