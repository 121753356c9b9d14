import { createState } from './state.js';

/**
 * @typedef {{
 *   id: number, dataset: number, name: string, width: number, height: number,
 *   bit_depth: number, channels: number, microns_per_pixel: number | null, chosen_scale: number | null, scale: number,
 *   status: Status, assignee: Person | null, annotator: Person | null, reviewer: Person | null,
 *   submitted_at: string | null, closed?: string | null, moves?: Move[], encoding: 'none' | 'queued' | 'running' | 'ready' | 'failed',
 *   mask_count: number, version: number, pixels_url: string, thumbnail_url: string, channels_url: string | null,
 *   uncertain_tiles?: number[][],
 * }} ImageRow  closed: why nobody changes its masks now; moves: what this person can do with it;
 *   uncertain_tiles: [x, y, side, entropy] in image pixels, the worst first
 */
/** @typedef {'new' | 'in_progress' | 'submitted' | 'in_review' | 'returned' | 'accepted'} Status */
/** @typedef {'submit' | 'reopen' | 'review' | 'release' | 'accept' | 'return'} Move */
/** @typedef {{id: number, name: string}} Person */
/** @typedef {{id: number, name: string, color: string, position: number, hotkey?: string}} LabelClass */
/**
 * `waiting` changes will be sent, `refused` ones are kept until the person decides, and `why` says
 * what is the matter with them. `journal`: all of them would survive the end of this page.
 * @typedef {{
 *   state: 'saved' | 'saving' | 'offline' | 'signed_out' | 'other_account' | 'refused',
 *   waiting: number, refused: number, why: string, journal: boolean,
 * }} SaveState
 */
/**
 * Masks of the open image that have not come from the server yet.
 * @typedef {{total: number, waiting: Box[], underWay: Box[]}} Arriving  total: of the whole image
 */
/** @typedef {import('../geometry/bitmap.js').Box} Box */
/**
 * Another page that works on the open image, and what this person wants to do about it. A page that
 * only looks changes nothing.
 * @typedef {{
 *   holder: {tab: string, user: number, name: string, since: string} | null,
 *   choice: 'undecided' | 'look' | 'beside', mine: boolean,
 * }} LeaseView  mine: this page is the one that others see
 */
/** @typedef {{id: number, kind: 'info' | 'warn' | 'error', text: string, action?: {label: string, run: () => void}}} Notice */
/**
 * @typedef {{
 *   phase: 'loading' | 'ready' | 'failed', failure: string,
 *   user: Person | null, authors: Person[], datasetName: string, instructions: string, reviewRequired: boolean, role: string,
 *   overlapRule: import('./overlap.js').OverlapRule, image: ImageRow | null, arriving: Arriving | null,
 *   images: ImageRow[], moreImages: boolean, imagesFailed: boolean, classes: LabelClass[], deletedClasses: LabelClass[],
 *   save: SaveState, lease: LeaseView, worker: 'unknown' | 'running' | 'down', checkpoint: number | null, drawing: 'webgl' | 'canvas', notices: Notice[],
 *   unread: number, adjustsSlowly: boolean,
 * }} SessionState  unread: what the bell tells of; adjustsSlowly: there is no WebGL to adjust the image with; checkpoint: that answers clicks in this dataset, null while that is not known; deletedClasses: in the trash, but nuclei have them; authors: whose masks the open image has, the person at the page included
 */

export function createSession() {
  return createState(
    /** @type {SessionState} */ ({
      phase: 'loading',
      failure: '',
      user: null,
      authors: [],
      datasetName: '',
      instructions: '',
      reviewRequired: false,
      role: 'viewer',
      overlapRule: 'allow',
      image: null,
      arriving: null,
      images: [],
      moreImages: false,
      imagesFailed: false,
      classes: [],
      deletedClasses: [],
      save: { state: 'saved', waiting: 0, refused: 0, why: '', journal: true },
      lease: { holder: null, choice: 'undecided', mine: false },
      worker: 'unknown',
      checkpoint: null,
      drawing: 'webgl',
      notices: [],
      unread: 0,
      adjustsSlowly: false,
    }),
  );
}

/** @param {SessionState} session @param {Person[]} others @returns {Person[]} each once, this person too */
export function withUser({ user }, others) {
  return !user || others.some(({ id }) => id === user.id) ? others : [...others, user];
}

let lastNotice = 0;

/**
 * @param {import('./state.js').State<SessionState>} session
 * @param {Omit<Notice, 'id'>} notice  the same text is shown once
 */
export function notify(session, notice) {
  lastNotice += 1;
  const others = session.get().notices.filter((n) => n.text !== notice.text).slice(-3);
  session.set({ notices: [...others, { ...notice, id: lastNotice }] });
}

/** @param {import('./state.js').State<SessionState>} session @param {number} id */
export function dismissNotice(session, id) {
  session.set({ notices: session.get().notices.filter((n) => n.id !== id) });
}

/** @param {SessionState} session @returns {boolean} who only looks changes nothing, nor anybody what is closed */
export function mayEdit(session) {
  return session.role !== 'viewer' && session.phase === 'ready' && session.lease.choice !== 'look' && !session.image?.closed;
}

/**
 * @param {SessionState} session @param {import('../geometry/stroke.js').Point} point
 * @returns {boolean} a nucleus there may have a mask that is not here yet
 */
export function isArriving({ arriving }, { x, y }) {
  const boxes = arriving ? [...arriving.waiting, ...arriving.underWay] : [];
  return boxes.some(([left, top, w, h]) => x >= left && y >= top && x < left + w && y < top + h);
}
