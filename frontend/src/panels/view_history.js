import { UNLABELLED } from '../appearance/mask_colors.js';
import { gettext } from '../i18n.js';
import { restoreVersion } from '../store/restoring.js';
import { mayEdit } from '../store/session.js';
import { grouped, shapeTold } from '../store/timeline.js';
import { choice } from './controls.js';
import { element, setText } from './element.js';
import { dayText, momentText, noteOf, sentenceOf, timeText } from './history_words.js';
import { shapeThumbnail } from './shape_thumbnail.js';

/** @typedef {import('../store/timeline.js').Told} Told */
/** @typedef {import('../store/timeline.js').Kinds} Kinds */

/**
 * What happened on the image, or to the selected nucleus: to look at, and to go back to.
 * @param {import('../store/store.js').Store} store
 * @param {Pick<import('./app.js').Commands, 'reveal'>} commands
 * @param {Pick<import('./app.js').Page, 'history'>} page
 */
export function createViewHistory(store, commands, { history }) {
  const { session, timeline, view } = store;
  const about = element('p', { class: 'small', 'data-testid': 'history-about' });
  const who = choice({
    label: gettext('Who'), testid: 'history-who', options: [],
    change: (value) => timeline.set({ actor: value ? Number(value) : null }),
  });
  const what = choice({
    label: gettext('What'), testid: 'history-what',
    options: [
      { value: 'mask', label: gettext('Nuclei') },
      { value: 'prompt', label: gettext('Clicks') },
      { value: 'image', label: gettext('The image') },
      { value: '', label: gettext('Everything') },
    ],
    change: (value) => timeline.set({ kind: /** @type {Kinds} */ (value) }),
  });
  const list = element('ol', { class: 'history-list', 'data-testid': 'history-list' });
  const state = element('p', { class: 'muted small', role: 'status', 'data-testid': 'history-state' });
  const more = element('button', { type: 'button', class: 'button small', text: gettext('Earlier'), 'data-testid': 'history-more', onclick: history.more });
  const retry = element('button', { type: 'button', class: 'button small', text: gettext('Try again'), onclick: history.retry });
  let offered = '';

  function update() {
    const { actor, events, kind, next, nucleus, state: now } = timeline.get();
    who.row.hidden = what.row.hidden = nucleus !== null;
    const { authors } = session.get();
    if (JSON.stringify(authors) !== offered) {
      offered = JSON.stringify(authors);
      who.offer([{ value: '', label: gettext('Everybody') }, ...authors.map(({ id, name }) => ({ value: String(id), label: name }))]);
    }
    who.update(actor === null ? '' : String(actor));
    what.update(kind);
    const first = events[events.length - 1];
    about.hidden = nucleus === null || !first || next !== null;
    if (!about.hidden) {
      setText(about, gettext('The selected nucleus: %(what)s, %(moment)s', { what: sentenceOf([first]), moment: momentText(first.at) }));
    }
    list.replaceChildren(...rows());
    more.hidden = next === null;
    retry.hidden = now !== 'failed';
    setText(state, describe());
  }

  function describe() {
    const { events, state: now } = timeline.get();
    if (now === 'loading') return gettext('Loading…');
    if (now === 'failed') return gettext('The history could not be loaded.');
    return now === 'ready' && !events.length ? gettext('Nothing has happened here yet.') : '';
  }

  /** @returns {HTMLElement[]} a heading for each day, a line for what was done in one go */
  function rows() {
    const { events, nucleus } = timeline.get();
    const groups = nucleus === null ? grouped(events) : events.map((event) => ({ events: [event] }));
    let day = '';
    return groups.flatMap(({ events: ofOne }) => {
      const its = dayText(ofOne[0].at);
      const heading = its === day ? [] : [element('li', { class: 'history-day muted small', text: its })];
      day = its;
      return [...heading, ofOne.length > 1 ? groupRow(ofOne) : row(ofOne[0])];
    });
  }

  /** @param {Told[]} events */
  function groupRow(events) {
    const [latest] = events;
    return element(
      'li',
      { class: 'history-group', 'data-kind': latest.kind },
      line(latest, sentenceOf(events), `${timeText(events[events.length - 1].at)} – ${timeText(latest.at)}`),
      element('details', {}, element('summary', { class: 'muted small', text: gettext('One by one') }), element('ol', {}, ...events.map(row))),
    );
  }

  /** @param {Told} event */
  const row = (event) => element('li', { 'data-kind': event.kind, 'data-event': event.id }, line(event, sentenceOf([event]), detail(event), true));

  /** @param {Told} event @param {string} text @param {string} time @param {boolean} [one] tells of one event alone */
  function line(event, text, time, one = false) {
    const { moment, restoring } = timeline.get();
    const shape = shapeTold(event);
    const note = noteOf(event);
    const looking = moment?.id === event.id;
    const editable = mayEdit(session.get()) && !restoring;
    return element(
      'div',
      { class: 'history-line', 'data-looking': looking },
      shape ? shapeThumbnail(shape, colorOf(event)) : element('span', { class: 'shape-thumbnail' }),
      element(
        'div',
        { class: 'history-text' },
        element('span', { text }),
        note && element('q', { 'data-testid': 'history-note', text: note }),
        element('time', { class: 'muted small', datetime: event.at, text: time }),
      ),
      element(
        'div',
        { class: 'history-actions' },
        button(looking ? gettext('Back to now') : gettext('Look'), 'history-look', () => lookAt(event), gettext('Show the image as it was then'), looking),
        shape && event.mask && one &&
          button(gettext('Restore'), 'history-restore', () => restoreVersion(store, event), gettext('Make this nucleus what it was then'), false, !editable),
        looking && button(gettext('Restore all'), 'history-restore-all', () => void history.restoreMoment(event), gettext('Make all nuclei what they were then'), false, !editable),
      ),
    );
  }

  /** @param {Told} event */
  function detail({ at, data }) {
    const time = timeText(at);
    return typeof data.score === 'number' ? gettext('%(time)s, score %(score)s', { time, score: data.score.toFixed(2) }) : time;
  }

  /** @param {Told} event */
  function lookAt(event) {
    const shape = shapeTold(event);
    if (shape) commands.reveal({ x: shape.bbox[0] + shape.bbox[2] / 2, y: shape.bbox[1] + shape.bbox[3] / 2 });
    history.lookAt(event);
  }

  const classesEver = () => [...session.get().classes, ...session.get().deletedClasses];

  /** @param {Told} event */
  const colorOf = ({ data }) => classesEver().find(({ id }) => id === data.label_class)?.color ?? UNLABELLED;

  timeline.on((now, before) => {
    update();
    // Opened by its key, it was brought into view while there was nothing in it yet.
    if (before.state === 'loading' && now.state === 'ready' && view.get().sectionInFocus === 'history') {
      list.closest('details')?.scrollIntoView({ block: 'nearest' });
    }
  });
  session.on((now, before) => {
    if (now.authors !== before.authors || now.classes !== before.classes || now.phase !== before.phase || now.role !== before.role) update();
  });
  update();
  return [about, who.row, what.row, list, state, element('div', { class: 'actions' }, more, retry)];
}

/**
 * @param {string} text @param {string} testid @param {() => void} run @param {string} title
 * @param {boolean} [pressed] @param {boolean} [disabled]
 */
function button(text, testid, run, title, pressed = false, disabled = false) {
  return element('button', { type: 'button', class: 'button small', text, title, 'data-testid': testid, 'aria-pressed': pressed ? 'true' : null, disabled, onclick: run });
}
