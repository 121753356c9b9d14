/** Why the open image stands still, and what this person can do about it; in review, what to do next. */
import { gettext, ngettext } from '../i18n.js';
import { isReviewing } from '../store/review.js';
import { element, setText } from './element.js';
import { keyText } from './key_names.js';

/**
 * @typedef {{
 *   move: (move: import('../store/session.js').Move, note?: string) => Promise<boolean>,
 *   review: ReturnType<typeof import('../review.js').createReviewing>,
 * }} Flow
 */

/**
 * @param {import('../store/store.js').Store} store @param {Flow} flow
 * @param {() => void} askForNote before the image is returned
 */
export function createFlowBanner({ annotations, comments, review, session }, flow, askForNote) {
  const text = element('p', { role: 'status' });
  const progress = element('span', { class: 'muted small', 'data-testid': 'review-progress' });
  const button = (/** @type {string} */ label, /** @type {string} */ testid, /** @type {() => void} */ run, key = '') =>
    element('button', { type: 'button', class: 'button small', text: label, title: key && keyText(key), 'aria-keyshortcuts': key || null, 'data-testid': testid, onclick: run });
  const start = button(gettext('Review'), 'start-review', () => void flow.move('review'), 'Shift+F');
  const next = button(gettext('Next nucleus'), 'review-next', flow.review.next, '.');
  const good = button(gettext('Right'), 'judge-accepted', () => void flow.review.judge('accepted'), 'Q');
  const bad = button(gettext('Return nucleus'), 'judge-returned', () => void flow.review.judge('returned'), 'Shift+R');
  const diff = button(gettext('Compare'), 'review-diff', () => void flow.review.cycleDiff(), 'Shift+G');
  const accept = button(gettext('Accept image'), 'accept-image', () => void flow.move('accept'), 'Ctrl+Enter');
  const giveBack = button(gettext('Return image'), 'return-image', askForNote, 'Ctrl+Shift+Enter');
  const release = button(gettext('Let go'), 'release-image', () => void flow.move('release'));
  accept.classList.add('primary');
  const banner = element(
    'div',
    { class: 'flow-banner', 'data-testid': 'flow-banner', hidden: true },
    text, progress, next, good, bad, diff, start, accept, giveBack, release,
  );

  function update() {
    const { image, phase } = session.get();
    const reviewing = isReviewing(session.get());
    const returned = image?.status === 'returned';
    banner.hidden = phase !== 'ready' || !image || (!image.closed && !reviewing && !returned && !image.moves?.includes('review'));
    if (banner.hidden || !image) return;
    banner.dataset.status = image.status;
    setText(text, describe(image, reviewing, comments.get().rows));
    for (const one of [next, good, bad, diff]) one.hidden = !reviewing;
    start.hidden = !image.moves?.includes('review');
    accept.hidden = !image.moves?.includes('accept');
    giveBack.hidden = !image.moves?.includes('return');
    release.hidden = !image.moves?.includes('release');
    progress.hidden = !reviewing;
    if (!reviewing) return;
    const { judged, of } = flow.review.progress;
    setText(progress, ngettext('%(judged)s of %(count)s nucleus judged', '%(judged)s of %(count)s nuclei judged', of, { judged }));
  }

  session.on((now, before) => {
    if (now.image !== before.image || now.phase !== before.phase) update();
  });
  for (const part of [annotations, comments, review]) part.on(update);
  update();
  return banner;
}

/**
 * @param {import('../store/session.js').ImageRow} image @param {boolean} reviewing
 * @param {import('../store/comments.js').Comment[]} rows
 */
function describe(image, reviewing, rows) {
  if (reviewing) return gettext('You are reviewing this image.');
  if (image.status === 'returned') {
    const last = rows.filter(({ thread, mask, x, resolved }) => !thread && !mask && x === null && !resolved).at(-1);
    const why = last ? ` ${gettext('“%(text)s”', { text: last.text })}` : '';
    return `${gettext('This image was returned: look at the comments, change what needs changing, and submit it again.')}${why}`;
  }
  return image.closed ?? gettext('This image is accepted.');
}
