import { gettext } from '../i18n.js';
import { createBell } from './bell.js';
import { element, iconButton, setText } from './element.js';
import { icon } from './icons.js';
import { STATUS_NAMES } from './image_status.js';
import { createSaveState } from './save_state.js';

/**
 * @param {import('../store/store.js').Store} store @param {import('./app.js').Commands} commands
 * @param {{datasetUrl: string, retrySaving: () => void, discardRefused: () => void, signInUrl: string, toggleSide: () => void}} page
 */
export function createHeader({ annotations, session }, commands, page) {
  const dataset = element('a', { class: 'quiet-link', href: page.datasetUrl, 'data-testid': 'dataset-link' });
  const name = element('h1', { class: 'image-name', 'data-testid': 'image-name' });
  const status = element('span', { class: 'chip', 'data-testid': 'image-status' });
  const previous = iconButton({ icon: icon('back'), label: gettext('Previous image'), key: 'Ctrl+ArrowLeft', testid: 'prev-image', run: commands.previousImage, side: 'bottom' });
  const next = iconButton({ icon: icon('forward'), label: gettext('Next image'), key: 'Ctrl+ArrowRight', testid: 'next-image', run: commands.nextImage, side: 'bottom' });
  const worker = element('p', { class: 'worker-notice', role: 'status', 'data-testid': 'worker-notice' });
  const submit = element('button', {
    type: 'button', class: 'button primary', 'data-testid': 'submit',
    'aria-keyshortcuts': 'M', onclick: commands.toggleSubmitted,
  });
  const side = iconButton({ icon: icon('side'), label: gettext('Show or hide the panels'), run: page.toggleSide, side: 'bottom-left', testid: 'toggle-side' });

  function update() {
    const { datasetName, image, images, moreImages, phase, worker: running } = session.get();
    dataset.replaceChildren(icon('back'), datasetName || gettext('Dataset'));
    setText(name, image?.name ?? (phase === 'failed' ? gettext('No image') : gettext('Opening…')));
    name.title = image?.name ?? '';
    status.hidden = !image;
    setText(status, image ? STATUS_NAMES[image.status] : '');
    status.dataset.status = image?.status ?? '';
    const at = images.findIndex((row) => row.id === image?.id);
    previous.disabled = at <= 0;
    next.disabled = at < 0 || (at === images.length - 1 && !moreImages);
    const reopens = image?.moves?.includes('reopen') ?? false;
    setText(submit, reopens ? gettext('Reopen') : gettext('Submit'));
    submit.classList.toggle('primary', !reopens);
    submit.hidden = !!image?.closed && !reopens;
    submit.disabled = phase !== 'ready' || !(reopens || image?.moves?.includes('submit'));
    const waiting = [...annotations.pendings.values()].some((p) => p.status === 'thinking');
    setText(worker, workerText(running, waiting));
  }

  session.on(update);
  annotations.on(update);
  update();
  return element(
    'header',
    { class: 'header' },
    dataset,
    element('span', { class: 'divider' }),
    previous,
    next,
    name,
    status,
    element('span', { class: 'spring' }),
    worker,
    createSaveState(session, page),
    submit,
    createBell(session),
    side,
  );
}

/** @param {string} running @param {boolean} waiting @returns {string} empty while all is well */
function workerText(running, waiting) {
  if (running !== 'down') return '';
  return waiting
    ? gettext('The model is not running; your click is kept and will be answered.')
    : gettext('The server’s model is not running. Prepared images still answer clicks; brush and eraser work.');
}
