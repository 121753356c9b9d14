/** What an event of the history says, in a sentence. */
import { gettext, ngettext } from '../i18n.js';
import { STATUS_NAMES } from './image_status.js';

/** @typedef {import('../store/timeline.js').Told} Told */

/** @type {Record<string, (values: {who: string}, count: number, event: Told) => string>} */
const SENTENCES = {
  'mask.created.accepted': (values, n) => ngettext('%(who)s accepted a nucleus', '%(who)s accepted %(count)s nuclei', n, values),
  'mask.created.imported': (values, n) => ngettext('%(who)s imported a nucleus', '%(who)s imported %(count)s nuclei', n, values),
  'mask.created': (values, n) => ngettext('%(who)s drew a nucleus', '%(who)s drew %(count)s nuclei', n, values),
  'mask.changed': (values, n) => ngettext('%(who)s changed a nucleus', '%(who)s made %(count)s changes', n, values),
  'mask.deleted': (values, n) => ngettext('%(who)s deleted a nucleus', '%(who)s deleted %(count)s nuclei', n, values),
  'mask.restored': (values, n) => ngettext('%(who)s restored a nucleus', '%(who)s restored %(count)s nuclei', n, values),
  'masks.imported': (values, _, { data }) =>
    ngettext('%(who)s imported %(count)s nucleus from %(file)s', '%(who)s imported %(count)s nuclei from %(file)s', data.count, { ...values, file: data.file }),
  'masks.agreed': (values, _, { data }) =>
    ngettext('%(who)s built a consensus (%(people)s): %(count)s nucleus', '%(who)s built a consensus (%(people)s): %(count)s nuclei', data.count, { ...values, people: data.of.join(', ') || data.people }),
  'masks.agreement_undone': (values) => gettext('%(who)s undid a consensus', values),
  'masks.restored': (values, _, { data }) =>
    gettext('%(who)s went back to %(moment)s', { ...values, moment: momentText(data.moment) }),
  'prompt.asked': (values, n) => ngettext('%(who)s asked the model', '%(who)s asked the model %(count)s times', n, values),
  'image.uploaded': (values) => gettext('%(who)s uploaded the image', values),
  'image.changed': (values) => gettext('%(who)s changed the image’s name or scale', values),
  'image.assigned': ({ who }, _, { assigned }) => assignment(who, assigned?.was?.name, assigned?.to?.name),
  'nucleus.judged': (values, n) => ngettext('%(who)s judged a nucleus', '%(who)s judged %(count)s nuclei', n, values),
  'image.state': (values, _, { data }) =>
    gettext('%(who)s moved the image to “%(state)s”', { ...values, state: STATUS_NAMES[/** @type {keyof typeof STATUS_NAMES} */ (data.to)] ?? data.to }),
  'image.deleted': (values) => gettext('%(who)s put the image into the trash', values),
  'image.restored': (values) => gettext('%(who)s took the image out of the trash', values),
  'history.began': (_, __, { data }) =>
    ngettext('The history begins, with %(count)s nucleus', 'The history begins, with %(count)s nuclei', data.count),
};

/** @param {string} who @param {string} [was] whose the image was @param {string} [to] whose it became */
function assignment(who, was, to) {
  if (was && to) return gettext('%(who)s assigned the image to %(to)s instead of %(was)s', { who, was, to });
  if (to) return gettext('%(who)s assigned the image to %(to)s', { who, to });
  if (was) return gettext('%(who)s took the image back from %(was)s', { who, was });
  return gettext('%(who)s assigned the image to nobody', { who });
}

/** @param {Told} event @returns {string} why it was done, in the words of whoever did it */
export const noteOf = ({ data }) => data.note ?? '';

/** @param {Told[]} events of one group @returns {string} */
export function sentenceOf(events) {
  const [event] = events;
  const values = { who: event.actor?.name ?? gettext('The server') };
  const say = SENTENCES[`${event.kind}.${event.data.origin}`] ?? SENTENCES[event.kind];
  const text = say ? say(values, events.length, event) : `${values.who}: ${event.kind}`;
  const { cut } = event.data;
  if (events.length > 1 || !cut) return text;
  return `${text} ${ngettext('(%(count)s other gave way)', '(%(count)s others gave way)', cut)}`;
}

/** @param {string} moment ISO 8601 @returns {string} day and time, in the person's language */
export function momentText(moment) {
  return new Date(moment).toLocaleString(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });
}

/** @param {string} moment @returns {string} the day alone */
export function dayText(moment) {
  return new Date(moment).toLocaleDateString(document.documentElement.lang, { dateStyle: 'full' });
}

/** @param {string} moment @returns {string} the time alone */
export function timeText(moment) {
  return new Date(moment).toLocaleTimeString(document.documentElement.lang, { timeStyle: 'short' });
}
