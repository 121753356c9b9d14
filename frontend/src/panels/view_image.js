import { AS_STORED, GAMMA, isAsStored } from '../appearance/adjustments.js';
import { gettext } from '../i18n.js';
import { checkbox, choice, slider } from './controls.js';
import { element, setText } from './element.js';
import { createViewChannels } from './view_channels.js';

/** @typedef {import('../appearance/adjustments.js').Adjustments} Adjustments */

const PRIMARIES = [gettext('Red'), gettext('Green'), gettext('Blue')];

/**
 * How the image is adjusted for the eye. Nothing of it reaches the stored image or the model.
 * @param {import('../store/store.js').Store} store
 */
export function createViewImage(store) {
  const { adjustments, session } = store;
  const deep = createViewChannels(store);
  const percent = (/** @type {number} */ value) => `${value > 0 ? '+' : ''}${Math.round(value * 100)} %`;
  const sliderOf = (/** @type {'brightness' | 'contrast'} */ name, /** @type {string} */ label) =>
    slider({ label, testid: name, min: -1, max: 1, step: 0.02, change: (value) => adjustments.set({ [name]: value }) });
  const brightness = sliderOf('brightness', gettext('Brightness'));
  const contrast = sliderOf('contrast', gettext('Contrast'));
  const most = Math.log2(GAMMA.most);
  const gamma = slider({
    label: gettext('Gamma'), testid: 'gamma', min: -most, max: most, step: 0.05,
    change: (power) => adjustments.set({ gamma: 2 ** power }),
  });
  const stain = choice({
    label: gettext('Stain'), testid: 'stain',
    options: [
      { value: 'all', label: gettext('All, as it is') },
      { value: 'haematoxylin', label: gettext('Haematoxylin alone') },
      { value: 'eosin', label: gettext('Eosin alone') },
    ],
    change: (value) => adjustments.set({ stain: /** @type {Adjustments['stain']} */ (value) }),
  });
  const primaries = PRIMARIES.map((label, k) =>
    checkbox({
      label, testid: `primary-${k}`,
      change(on) {
        const next = /** @type {Adjustments['primaries']} */ ([...adjustments.get().primaries]);
        next[k] = on;
        adjustments.set({ primaries: next });
      },
    }),
  );
  const channels = element(
    'div',
    { class: 'check-row', role: 'group', 'aria-label': gettext('Channels shown') },
    ...primaries.map(({ row }) => row),
  );
  const reset = element('button', {
    type: 'button', class: 'button small', text: gettext('Reset'), 'data-testid': 'reset-adjustments',
    onclick: () => adjustments.set({ ...AS_STORED }),
  });
  const note = element('p', { class: 'muted small', 'data-testid': 'adjustments-note' });

  function update() {
    const now = adjustments.get();
    const { image, adjustsSlowly } = session.get();
    brightness.update(now.brightness, percent(now.brightness));
    contrast.update(now.contrast, percent(now.contrast));
    gamma.update(Math.log2(now.gamma), now.gamma.toFixed(2));
    stain.update(now.stain);
    primaries.forEach((box, k) => box.update(now.primaries[k]));
    const colours = !image || image.channels >= 3;
    stain.row.hidden = !colours;
    channels.hidden = !colours || Boolean(image?.channels_url);
    reset.disabled = isAsStored(now);
    const seen = gettext('For your eyes only: the model and the stored image stay as they are.');
    const slow = gettext('This browser has no WebGL, so adjusting may lag behind.');
    setText(note, adjustsSlowly ? `${seen} ${slow}` : seen);
  }

  adjustments.on(update);
  session.on((now, before) => {
    if (now.image !== before.image || now.adjustsSlowly !== before.adjustsSlowly) update();
  });
  update();
  return [deep, brightness.row, contrast.row, gamma.row, stain.row, channels, note, element('div', { class: 'actions' }, reset)];
}
