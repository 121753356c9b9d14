import { gettext } from '../i18n.js';
import { element, setText } from './element.js';

const STEP = 0.02;
const LEAP = 0.1;

/**
 * Says which side is which, and moves the border between them: by dragging, or with the arrow keys.
 * @param {import('../store/store.js').Store} store
 */
export function createCompareHandle({ comparison }) {
  const left = element('span', { class: 'compare-name left', 'data-testid': 'compare-name-left' });
  const right = element('span', { class: 'compare-name right', 'data-testid': 'compare-name-right' });
  const grip = element('div', {
    class: 'compare-grip', role: 'slider', tabindex: 0, 'data-testid': 'compare-grip', 'aria-orientation': 'horizontal',
    'aria-label': gettext('Border between the compared masks'), 'aria-valuemin': 0, 'aria-valuemax': 100,
  });
  const handle = element('div', { class: 'compare-handle' }, left, right, grip);

  /** @param {number} at */
  const moveTo = (at) => comparison.set({ at: Math.min(1, Math.max(0, at)) });

  grip.addEventListener('pointerdown', (event) => {
    grip.setPointerCapture(event.pointerId);
    grip.focus({ preventScroll: true });
    event.preventDefault();
  });
  grip.addEventListener('pointermove', (event) => {
    event.stopPropagation();
    const box = handle.parentElement?.getBoundingClientRect();
    if (box && grip.hasPointerCapture(event.pointerId)) moveTo((event.clientX - box.left) / box.width);
  });
  grip.addEventListener('keydown', (event) => {
    const step = event.shiftKey ? LEAP : STEP;
    const { at } = comparison.get();
    /** @type {Record<string, number>} */
    const places = { ArrowLeft: at - step, ArrowDown: at - step, ArrowRight: at + step, ArrowUp: at + step, Home: 0, End: 1 };
    if (!(event.key in places) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    moveTo(places[event.key]);
  });

  function update() {
    const { mode, at, sets, left: leftId, right: rightId } = comparison.get();
    handle.hidden = mode === 'off';
    grip.hidden = mode !== 'swipe';
    const place = mode === 'side' ? 100 : 100 * at;
    handle.style.left = `${place}%`;
    grip.setAttribute('aria-valuenow', String(Math.round(place)));
    setText(left, sets.find(({ id }) => id === leftId)?.label ?? '');
    setText(right, sets.find(({ id }) => id === rightId)?.label ?? '');
  }

  comparison.on(update);
  update();
  return handle;
}
