/** What happened on the open image, as far as it was asked for, and how that is told in short. */
import { createState } from './state.js';

/** @typedef {import('./session.js').Person} Person */
/**
 * An event as the server tells it.
 * @typedef {{
 *   id: number, kind: string, at: string, actor: Person | null, mask: string | null,
 *   prediction: string | null, batch: number | null, data: Record<string, any>,
 *   assigned: {was: Person | null, to: Person | null} | null,
 * }} Told  assigned: whose the image was and became
 */
/** @typedef {{events: Told[]}} Group  the same, done by one person in one go; the newest first */
/** @typedef {'mask' | 'prompt' | 'image' | ''} Kinds  '': whatever happened */
/**
 * @typedef {{
 *   kind: Kinds, actor: number | null, events: Told[], next: number | null, nucleus: string | null,
 *   state: 'none' | 'loading' | 'ready' | 'failed', moment: Told | null, restoring: boolean,
 * }} Timeline  nucleus: whose history this is, null: the image's; moment: the event after which the
 *   image is being looked at
 */

/** What one person does without a longer pause is told in one line. */
const PAUSE = 10 * 60_000;
const GROUPED = new Set(['mask.created', 'mask.changed', 'mask.deleted', 'mask.restored', 'prompt.asked']);

export const createTimeline = () =>
  createState(
    /** @type {Timeline} */ ({
      kind: 'mask', actor: null, events: [], next: null, nucleus: null, state: 'none', moment: null, restoring: false,
    }),
  );

/** @param {Told[]} events the newest first @returns {Group[]} */
export function grouped(events) {
  /** @type {Group[]} */
  const groups = [];
  for (const event of events) {
    const last = groups[groups.length - 1];
    if (last && belongs(event, last.events[last.events.length - 1])) last.events.push(event);
    else groups.push({ events: [event] });
  }
  return groups;
}

/** @param {Told} event @param {Told} later */
function belongs(event, later) {
  return (
    GROUPED.has(event.kind) && event.kind === later.kind && event.actor?.id === later.actor?.id &&
    event.data.origin === later.data.origin && Date.parse(later.at) - Date.parse(event.at) < PAUSE
  );
}

/**
 * The nucleus as the event tells of it.
 * @param {Told} event @returns {import('../geometry/rle.js').Shape | null} null: it was deleted, or it is no nucleus
 */
export function shapeTold({ data }) {
  return data.counts ? { bbox: data.bbox, counts: data.counts, area: data.area } : null;
}
