/** What people say about the open image, thread by thread. */
import { gettext, ngettext } from '../i18n.js';
import { threadsOf } from '../store/comments.js';
import { element, setText } from './element.js';
import { createMentionBox } from './mention_box.js';

/** @typedef {import('../store/comments.js').Comment} Comment */
/** @typedef {import('../store/comments.js').Thread} Thread */
/**
 * @typedef {{
 *   say: (text: string, where: {thread?: string, pin?: import('../store/comments.js').Pin | null}) => Promise<boolean>,
 *   resolve: (id: string, resolved: boolean) => Promise<boolean>, remove: (id: string) => Promise<boolean>,
 *   load: () => Promise<void>, findMembers: () => Promise<void>,
 * }} Talk
 */

const MANAGERS = new Set(['owner', 'admin']);

/**
 * @param {import('../store/store.js').Store} store @param {Talk} talk
 * @param {{beginComment: () => void, showThread: (thread: Comment) => void}} commands
 */
export function createCommentsPanel({ comments, session }, talk, commands) {
  const list = element('ul', { class: 'threads' });
  const begin = element('button', { type: 'button', class: 'button small', text: gettext('Comment'), title: 'Shift+K', 'aria-keyshortcuts': 'Shift+K', 'data-testid': 'new-comment', onclick: commands.beginComment });
  const more = element('button', { type: 'button', class: 'quiet-button small', onclick: () => comments.set({ showResolved: !comments.get().showResolved }) });
  const state = element('p', { class: 'muted small', role: 'status' });
  const fresh = createForm(gettext('What about it? Mention people with @.'), 'comment-text', gettext('Comment'), async (text) => talk.say(text, { pin: comments.get().pin }), () => comments.set({ pin: null }));
  const where = element('p', { class: 'muted small' });
  const draft = element('div', { class: 'thread draft', hidden: true }, where, fresh.form);
  /** The answer that is being written outlives what others say meanwhile. */
  const answer = createForm(gettext('Answer'), 'answer-text', gettext('Answer'), async (text) => talk.say(text, { thread: comments.get().open ?? undefined }), () => comments.set({ open: null }));

  /** @param {string} label @param {string} testid @param {string} verb @param {(text: string) => Promise<boolean>} send @param {() => void} cancel */
  function createForm(label, testid, verb, send, cancel) {
    async function submit(/** @type {Event} */ event) {
      event?.preventDefault();
      if (!field.value.trim()) return;
      button.disabled = true;
      if (await send(field.value)) field.value = '';
      button.disabled = false;
    }
    const { field, box } = createMentionBox(comments, { label, testid, findMembers: talk.findMembers, send: () => form.requestSubmit(), cancel });
    const button = element('button', { type: 'submit', class: 'button small primary', text: verb, title: 'Ctrl+Enter', 'data-testid': `${testid}-send` });
    const form = element('form', { class: 'comment-form', onsubmit: submit }, box, element('div', { class: 'choices' }, button, element('button', { type: 'button', class: 'button small', text: gettext('Cancel'), onclick: cancel })));
    return { form, field };
  }

  /** @param {Comment} comment */
  function said(comment) {
    const { author, created_at, text, id } = comment;
    const { user, role } = session.get();
    const mine = author.id === user?.id || MANAGERS.has(role);
    return element(
      'div',
      { class: 'said' },
      element(
        'p',
        { class: 'muted small' },
        element('strong', { text: author.name }),
        ` · ${new Date(created_at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}`,
        mine && element('button', { type: 'button', class: 'quiet-button small', text: gettext('Delete'), onclick: () => void talk.remove(id) }),
      ),
      element('p', { class: 'text', text }),
    );
  }

  /** @param {Thread} thread */
  function item({ first, answers }) {
    const open = comments.get().open === first.id;
    const pinned = first.mask ? gettext('at a nucleus') : first.x !== null ? gettext('at a place') : gettext('the whole image');
    const title = element(
      'button',
      { type: 'button', class: 'thread-title', 'aria-expanded': String(open), 'data-testid': 'thread', onclick: () => (open ? comments.set({ open: null }) : commands.showThread(first)) },
      element('span', { class: 'name', text: first.text }),
      element('span', { class: 'muted small', text: [first.resolved ? gettext('settled') : pinned, answers.length ? ngettext('%(count)s answer', '%(count)s answers', answers.length) : ''].filter(Boolean).join(' · ') }),
    );
    if (!open) return element('li', { class: 'thread', 'data-resolved': String(first.resolved) }, title);
    const settle = element('button', {
      type: 'button', class: 'button small', 'data-testid': 'resolve', onclick: () => void talk.resolve(first.id, !first.resolved),
      text: first.resolved ? gettext('Open again') : gettext('Settle'),
    });
    return element('li', { class: 'thread open', 'data-resolved': String(first.resolved) }, title, said(first), ...answers.map(said), mayTalk() && settle, mayTalk() && answer.form);
  }

  const mayTalk = () => session.get().role !== 'viewer';

  function update() {
    const { rows, state: now, open, pin, showResolved } = comments.get();
    const threads = threadsOf(rows);
    const settled = threads.filter(({ first }) => first.resolved);
    const shown = threads.filter(({ first }) => !first.resolved || showResolved || first.id === open);
    const typing = document.activeElement === answer.field;
    list.replaceChildren(...shown.map(item));
    if (typing) answer.field.focus();
    begin.hidden = !mayTalk() || pin !== null;
    more.hidden = !settled.length;
    setText(more, showResolved ? gettext('Hide what is settled') : ngettext('%(count)s settled', '%(count)s settled', settled.length));
    state.hidden = rows.length > 0 && now !== 'failed';
    setText(state, now === 'failed' ? gettext('The comments could not be loaded.') : gettext('Nobody has said anything about this image.'));
    draft.hidden = pin === null;
    if (pin) setText(where, pin.mask ? gettext('About the selected nucleus') : pin.at ? gettext('About this place') : gettext('About the whole image'));
  }

  comments.on((now, before) => {
    update();
    if (now.pin && now.pin !== before.pin) fresh.field.focus();
    if (now.open && now.open !== before.open) list.querySelector('.open')?.scrollIntoView({ block: 'nearest' });
  });
  session.on((now, before) => {
    if (now.role !== before.role || now.user !== before.user) update();
  });
  update();
  return element(
    'section',
    { class: 'panel comments', 'aria-labelledby': 'comments-title', 'data-testid': 'comments' },
    element('div', { class: 'panel-head' }, element('h2', { id: 'comments-title', text: gettext('Comments') }), begin),
    draft,
    list,
    state,
    more,
  );
}
