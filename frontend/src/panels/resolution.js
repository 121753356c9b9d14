/** How large a pixel is, and by how much the model enlarges the image: it goes by the one and by the
 * size of the nuclei, unless somebody chooses the other. */
import { gettext } from '../i18n.js';
import { mayEdit } from '../store/session.js';
import { element, setText } from './element.js';

/** What objectives usually give. @type {[string, number][]} */
const USUAL = [['40×', 0.25], ['20×', 0.5], ['10×', 1]];
/** As ml/scale.py has them. */
const SCALES = [0.5, 1, 2, 3, 4];

/** @typedef {{ microns_per_pixel?: number | null, chosen_scale?: number | null }} Resolution what is
 * changed: micrometres per pixel, null: unknown; by how much the model is to have the image enlarged,
 * null: it chooses */

/**
 * The image's size and resolution, as a button that lets one set the latter.
 * @param {import('../store/store.js').Store} store
 * @param {(resolution: Resolution) => Promise<void>} save
 */
export function createResolution(store, save) {
  const { session } = store;
  const button = element('button', {
    type: 'button', class: 'quiet-button', dir: 'ltr', 'data-testid': 'resolution', onclick: show,
    title: gettext('Set how large a pixel is, and how large the model sees the image'),
  });
  const field = element('input', {
    type: 'number', min: 0.01, max: 100, step: 'any', inputmode: 'decimal',
    id: 'microns-per-pixel', 'data-testid': 'microns-per-pixel',
  });
  const scale = element(
    'select',
    { id: 'chosen-scale', 'data-testid': 'chosen-scale' },
    element('option', { value: '', text: gettext('as the model chooses') }),
    ...SCALES.map((each) => element('option', { value: String(each), text: `${each}×` })),
  );
  const dialog = element(
    'dialog',
    { class: 'small-dialog', 'aria-labelledby': 'resolution-title', 'data-testid': 'resolution-dialog' },
    element(
      'form',
      { method: 'dialog', onsubmit: submit },
      element('h2', { id: 'resolution-title', text: gettext('Resolution') }),
      element('p', { class: 'muted', text: gettext('The model goes by the size of a pixel, if that is known, and sees images with small nuclei at 2×. If it chose badly, choose for it.') }),
      element('label', { for: 'microns-per-pixel', text: gettext('Micrometres per pixel') }),
      field,
      element(
        'div',
        { class: 'choices' },
        ...USUAL.map(([name, microns]) =>
          element('button', { type: 'button', class: 'button', text: `${name}  ${microns}`, onclick: () => (field.value = String(microns)) }),
        ),
        element('button', { type: 'button', class: 'button', text: gettext('Unknown'), onclick: () => (field.value = '') }),
      ),
      element('label', { for: 'chosen-scale', text: gettext('Seen by the model at') }),
      scale,
      element(
        'div',
        { class: 'choices end' },
        element('button', { type: 'button', class: 'button', text: gettext('Cancel'), onclick: () => dialog.close() }),
        element('button', { type: 'submit', class: 'button primary', text: gettext('Save') }),
      ),
    ),
  );

  function show() {
    const { image } = session.get();
    field.value = image?.microns_per_pixel ? String(image.microns_per_pixel) : '';
    scale.value = image?.chosen_scale ? String(image.chosen_scale) : '';
    dialog.showModal();
    field.select();
  }

  function submit() {
    const { image } = session.get();
    if (!image) return;
    // What is left as it is, somebody else may be changing.
    /** @type {Resolution} */
    const changed = {};
    if (numberIn(field) !== image.microns_per_pixel) changed.microns_per_pixel = numberIn(field);
    if (numberIn(scale) !== image.chosen_scale) changed.chosen_scale = numberIn(scale);
    if (Object.keys(changed).length) void save(changed);
  }

  function look() {
    const { image } = session.get();
    button.hidden = !image;
    button.disabled = !mayEdit(session.get());
    if (!image) return;
    const microns = image.microns_per_pixel;
    const known = microns ? `${Number(microns.toPrecision(3))} µm/px` : gettext('µm/px unknown');
    const enlarged = image.scale === 1 ? '' : ` · ${gettext('seen at %(scale)s×', { scale: image.scale })}`;
    setText(button, `${image.width} × ${image.height} px · ${known}${enlarged}`);
  }
  session.on(look);
  look();
  return { button, dialog };
}

/** @param {{ value: string }} field @returns {number | null} */
function numberIn({ value }) {
  return value ? Number(value) : null;
}
