import { gettext } from '../i18n.js';
import { element } from './element.js';

/**
 * Asks what the annotator is to be told.
 * @param {{summary: () => string, returnImage: (note: string) => void}} parts
 */
export function createReturnDialog({ summary, returnImage }) {
  const note = element('textarea', { id: 'return-note', rows: 4, maxlength: 5000, 'data-testid': 'return-note' });
  const dialog = element(
    'dialog',
    { class: 'small-dialog', 'aria-labelledby': 'return-title', 'data-testid': 'return-dialog' },
    element(
      'form',
      { method: 'dialog', onsubmit: () => returnImage(note.value) },
      element('h2', { id: 'return-title', text: gettext('Return the image') }),
      element('label', { for: 'return-note', text: gettext('What has to be changed? The annotator is told, and sees your comments.') }),
      note,
      element(
        'div',
        { class: 'choices end' },
        element('button', { type: 'button', class: 'button', text: gettext('Cancel'), onclick: () => dialog.close() }),
        element('button', { type: 'submit', class: 'button primary', text: gettext('Return'), 'data-testid': 'return-confirm' }),
      ),
    ),
  );
  return {
    element: dialog,
    show() {
      note.value = summary();
      dialog.showModal();
      note.focus();
    },
  };
}
