/** Which colour a mask has: by class as the dataset says, else from colours that the colour-blind tell apart. */

import { gettext } from '../i18n.js';

/** @typedef {import('../store/annotations.js').Mask} Mask */
/** @typedef {'class' | 'instance' | 'author' | 'score' | 'status'} ColorBy */
/** @typedef {import('../store/session.js').Person} Person */
/** @typedef {{color: string, label: string}} LegendEntry */
/**
 * What the colours depend on besides the mask.
 * @typedef {{colorBy: ColorBy, classes: {id: number, color: string}[], authors: Person[]}} ColorContext
 */

export const COLOR_BY = /** @type {const} */ (['class', 'instance', 'author', 'score', 'status']);

/** Seen on a black fluorescence background as well as on a bright stained one. */
export const UNLABELLED = '#22b8cf';

// After Okabe and Ito, without black and the yellow that pending masks have.
const DISTINCT = ['#e69f00', '#56b4e9', '#009e73', '#d55e00', '#cc79a7', '#0072b2'];
// After Tol: neighbours need more than six.
const INSTANCES = [...DISTINCT, '#99ddff', '#bbcc33', '#ffaabb', '#44bb99', '#dddddd', '#aaaa00'];
const NOBODY = '#b8bec4';

/** @type {() => Record<Mask['origin'], LegendEntry>} */
const statuses = () => ({
  accepted: { color: '#56b4e9', label: gettext('Accepted as proposed') },
  fixed: { color: '#e69f00', label: gettext('Fixed by hand') },
  drawn: { color: '#cc79a7', label: gettext('Drawn by hand') },
  imported: { color: '#009e73', label: gettext('Imported') },
  consensus: { color: '#0072b2', label: gettext('Agreed upon') },
});

/** From unsure to sure; what scores less than the first is as unsure as it gets. */
const SCORE_STEPS = [
  { from: 0.5, color: '#d55e00' },
  { from: 0.6, color: '#e69f00' },
  { from: 0.7, color: '#f3e2b3' },
  { from: 0.8, color: '#9ad0ef' },
  { from: 0.9, color: '#3a8fd0' },
];

/** @param {ColorContext} context @returns {(mask: Pick<Mask, 'id' | 'label_class' | 'origin' | 'score' | 'author'>) => string} */
export function colorRule({ colorBy, classes, authors }) {
  if (colorBy === 'instance') return ({ id }) => INSTANCES[hash(id) % INSTANCES.length];
  if (colorBy === 'score') return ({ score }) => scoreColor(score);
  if (colorBy === 'status') {
    const status = statuses();
    return ({ origin }) => status[origin].color;
  }
  if (colorBy === 'author') {
    const colors = new Map(byAuthor(authors).map(({ id, color }) => [id, color]));
    return ({ author }) => colors.get(author ?? -1) ?? NOBODY;
  }
  const colors = new Map(classes.map(({ id, color }) => [id, color]));
  return ({ label_class }) => colors.get(label_class ?? -1) ?? UNLABELLED;
}

/** @param {ColorContext} context @returns {LegendEntry[]} what the colours mean, where they mean something */
export function legendOf({ colorBy, authors }) {
  if (colorBy === 'status') return Object.values(statuses());
  if (colorBy === 'author') return byAuthor(authors).map(({ color, name }) => ({ color, label: name }));
  if (colorBy !== 'score') return [];
  const steps = SCORE_STEPS.map(({ from, color }, k) => {
    const until = SCORE_STEPS[k + 1]?.from ?? 1;
    return { color, label: k ? `${from} – ${until}` : gettext('below %(score)s', { score: until }) };
  });
  return [...steps, { color: NOBODY, label: gettext('No score: drawn or imported') }];
}

/** The same colour for the same person as long as the company is the same. @param {Person[]} authors */
const byAuthor = (authors) =>
  [...authors]
    .sort((a, b) => a.id - b.id)
    .map((person, k) => ({ ...person, color: INSTANCES[k % INSTANCES.length] }));

/** @param {number | null} score */
function scoreColor(score) {
  if (score === null) return NOBODY;
  return (SCORE_STEPS.findLast(({ from }) => score >= from) ?? SCORE_STEPS[0]).color;
}

/** FNV-1a: ids that differ little get colours that differ. @param {string} text */
function hash(text) {
  let value = 0x811c9dc5;
  for (let k = 0; k < text.length; k++) value = Math.imul(value ^ text.charCodeAt(k), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
