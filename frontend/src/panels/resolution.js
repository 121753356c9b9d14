/** How large a pixel is: asked for where the file does not say, since the model goes by it. */
import { gettext } from '../i18n.js';
import { mayEdit } from '../store/session.js';
import { element, setText } from './element.js';

/** What objectives usually give. @type {[string, number][]} */
const USUAL = [['40×', 0.25], ['20×', 0.5], ['10×', 1]];

/**
 * The image's size and resolution, as a button that lets one set the latter.
 * @param {import('../store/store.js').Store} store
 * @param {(microns: number | null) => Promise<void>} save
 */
export function createResolution(store, save) {
  const { session } = store;
  const button = element('button', {
    type: 'button', class: 'quiet-button', dir: 'ltr', 'data-testid': 'resolution', onclick: show,
    title: gettext('Set how large a pixel is. The model enlarges images of lower magnification.'),
  });
  const field = element('input', {
    type: 'number', min: 0.01, max: 100, step: 'any', inputmode: 'decimal',
    id: 'microns-per-pixel', 'data-testid': 'microns-per-pixel',
  });
  const dialog = element(
    'dialog',
    { class: 'small-dialog', 'aria-labelledby': 'resolution-title', 'data-testid': 'resolution-dialog' },
    element(
      'form',
      { method: 'dialog', onsubmit: submit },
      element('h2', { id: 'resolution-title', text: gettext('Resolution') }),
      element('p', { class: 'muted', text: gettext('The model knows nuclei at 40×. Where it is told the size of a pixel it enlarges the image to match; otherwise it goes by the size of the nuclei.') }),
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
    dialog.showModal();
    field.select();
  }

  function submit() {
    const { image } = session.get();
    const microns = field.value ? Number(field.value) : null;
    if (image && microns !== image.microns_per_pixel) void save(microns);
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
