import { gettext } from '../i18n.js';
import { element } from './element.js';

const MOST_OFFERED = 6;

/**
 * A text field that offers members' names after “@”.
 * @param {import('../store/state.js').State<import('../store/comments.js').CommentsState>} comments
 * @param {{label: string, testid: string, findMembers: () => Promise<void>, send: () => void, cancel: () => void}} parts
 */
export function createMentionBox(comments, { label, testid, findMembers, send, cancel }) {
  const id = `${testid}-names`;
  const field = element('textarea', {
    rows: 2, maxlength: 5000, 'aria-label': label, placeholder: label, 'data-testid': testid,
    'aria-haspopup': 'listbox', 'aria-controls': id, 'aria-autocomplete': 'list',
    oninput: offer, onkeydown: press, onblur: () => setTimeout(hide, 150),
  });
  const names = element('ul', { id, class: 'mention-names', role: 'listbox', 'aria-label': gettext('Members'), hidden: true });
  let chosen = 0;

  /** @returns {string | null} what was typed of a name, up to the cursor */
  const begun = () => field.value.slice(0, field.selectionStart).match(/(?:^|[^\w@.+-])@([\w.@+-]*)$/)?.[1] ?? null;

  async function offer() {
    if (begun() === null) return hide();
    await findMembers();
    const typed = begun()?.toLowerCase() ?? null;
    const found = typed === null ? [] : comments.get().members.filter((name) => name.toLowerCase().startsWith(typed)).slice(0, MOST_OFFERED);
    chosen = 0;
    names.replaceChildren(...found.map((name, k) =>
      element('li', { id: `${id}-${k}`, role: 'option', 'aria-selected': String(k === 0), text: name, onpointerdown: (/** @type {Event} */ event) => take(event, name) })));
    names.hidden = !found.length;
    mark();
  }

  function hide() {
    names.hidden = true;
    field.removeAttribute('aria-activedescendant');
  }

  function mark() {
    [...names.children].forEach((item, k) => item.setAttribute('aria-selected', String(k === chosen)));
    if (!names.hidden) field.setAttribute('aria-activedescendant', `${id}-${chosen}`);
  }

  /** @param {Event} event @param {string} name */
  function take(event, name) {
    event.preventDefault();
    const at = field.selectionStart;
    const from = at - (begun() ?? '').length;
    field.setRangeText(`${name} `, from, at, 'end');
    hide();
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    if (!names.hidden && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      const { length } = names.children;
      chosen = (chosen + (event.key === 'ArrowDown' ? 1 : length - 1)) % length;
      mark();
      event.preventDefault();
    } else if (!names.hidden && (event.key === 'Enter' || event.key === 'Tab')) {
      take(event, names.children[chosen].textContent ?? '');
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (names.hidden) cancel();
      else hide();
    }
  }

  return { field, box: element('div', { class: 'mention-box' }, field, names) };
}
