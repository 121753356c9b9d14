/** Gathers the sets of masks that can be compared, and keeps the two that are. */
import { gettext } from './i18n.js';
import { momentOf, momentSet, NOW, OPENED } from './store/comparison.js';

/** @typedef {import('./store/store.js').Store} Store */
/** @typedef {import('./store/annotations.js').Mask} Mask */
/** @typedef {import('./store/comparison.js').ComparedShape} ComparedShape */
/** @typedef {import('./store/comparison.js').SetName} SetName */

const AUTHOR = 'author:';
const PROMPT = 'prompt:';

/**
 * @param {{
 *   store: Store,
 *   images: Pick<ReturnType<typeof import('./api/images.js').imagesApi>, 'proposalSets'>,
 *   timeline: Pick<ReturnType<typeof import('./api/timeline.js').timelineApi>, 'masks'>,
 *   prompts: Pick<import('./inference/prompts.js').PromptsApi, 'get' | 'proposals'>,
 * }} parts
 */
export function watchComparison({ store, images, timeline, prompts }) {
  const { annotations, comparison, session, view } = store;
  /** @type {Map<string, Mask>} the masks as the server had them, whatever this page did to them */
  const before = new Map();
  /** @type {Set<string>} */
  const touched = new Set();
  /** @type {SetName[]} */
  let checkpoints = [];
  /** @type {Map<string, (ComparedShape & {score: number})[]>} by prompt */
  const proposed = new Map();
  /** @type {Map<number, ComparedShape[]>} by event: what was does not change any more */
  const past = new Map();
  let listedFor = 0;

  annotations.on(({ patches, origin }) => {
    for (const { kind, id, after } of patches) {
      if (kind !== 'mask') continue;
      if (origin === 'local') touched.add(id);
      else if (touched.has(id)) continue;
      else if (after) before.set(id, after);
      else before.delete(id);
    }
    if (comparison.get().mode !== 'off') refresh();
  });

  /** @returns {SetName[]} */
  function names() {
    const { authors } = session.get();
    return [
      { id: NOW, label: gettext('Masks now') },
      { id: OPENED, label: gettext('Masks at opening') },
      ...(authors.length > 1 ? authors : []).map(({ id, name }) => ({
        id: `${AUTHOR}${id}`, label: gettext('Masks by %(name)s', { name }),
      })),
      ...checkpoints,
      ...moments(),
      ...submitted(),
    ];
  }

  /** @returns {SetName[]} what its annotator handed in, while somebody reviews it */
  function submitted() {
    const { submitted: event } = store.review.get();
    return event === null ? [] : [{ id: momentSet(event), label: gettext('Masks as submitted') }];
  }

  /** @returns {SetName[]} of the moment that is being looked at */
  function moments() {
    const { moment } = store.timeline.get();
    if (!moment) return [];
    const day = new Date(moment.at).toLocaleString(document.documentElement.lang, { month: 'short', day: 'numeric', hour: 'numeric', minute: 'numeric' });
    return [{ id: momentSet(moment.id), label: gettext('Masks on %(day)s', { day }) }];
  }

  /** @param {string} id @returns {ComparedShape[] | null} null while it is not here yet */
  function rowsOf(id) {
    const masks = [...annotations.masks.values()];
    if (id === NOW) return masks;
    if (id === OPENED) return [...before.values()];
    if (id.startsWith(AUTHOR)) return masks.filter(({ author }) => `${AUTHOR}${author}` === id);
    const event = momentOf(id);
    if (event !== null) return past.get(event) ?? null;
    const all = proposed.get(id.slice(PROMPT.length));
    return all?.filter(({ score }) => score >= view.get().minScore) ?? null;
  }

  function refresh() {
    const { left, right, state } = comparison.get();
    // The masks under work are on the stage itself, where they can be worked on.
    const rows = { left: left === NOW ? null : (rowsOf(left) ?? []), right: rowsOf(right) ?? [] };
    comparison.set({ sets: names(), rows, state: state === 'failed' ? 'failed' : [left, right].every(rowsOf) ? 'ready' : 'loading' });
  }

  /** @param {string} prompt */
  async function fetchProposals(prompt) {
    const answer = await prompts.get(prompt);
    const all = [...answer.proposals];
    for (let start = answer.more_proposals ?? null; start !== null;) {
      const portion = await prompts.proposals(prompt, start);
      all.push(...portion.proposals);
      start = portion.more_proposals;
    }
    proposed.set(prompt, all);
  }

  /** @param {number} image @param {number} event */
  async function fetchMoment(image, event) {
    const all = [];
    let after = null;
    do {
      const page = await timeline.masks(image, event, after);
      all.push(...page.masks);
      after = page.next;
    } while (after);
    past.set(event, all);
  }

  /** What is compared and not here yet is fetched. */
  async function fetchMissing() {
    const { image } = session.get();
    const { left, right } = comparison.get();
    if (!image) return;
    try {
      if (listedFor !== image.id) {
        listedFor = image.id;
        const found = await images.proposalSets(image.id);
        if (session.get().image?.id !== image.id) return;
        checkpoints = found.map(({ prompt, name }) => ({ id: `${PROMPT}${prompt}`, label: gettext('Proposed by %(name)s', { name }) }));
      }
      for (const id of [left, right]) {
        const prompt = id.startsWith(PROMPT) ? id.slice(PROMPT.length) : null;
        if (prompt && !proposed.has(prompt)) await fetchProposals(prompt);
        const event = momentOf(id);
        if (event !== null && !past.has(event)) await fetchMoment(image.id, event);
      }
      comparison.set({ state: 'ready' });
    } catch {
      listedFor = 0;
      comparison.set({ state: 'failed' });
    }
    refresh();
  }

  comparison.on((now, earlier) => {
    if (now.mode === 'off') return;
    if (now.mode === earlier.mode && now.left === earlier.left && now.right === earlier.right) return;
    comparison.set({ state: 'ready' });
    refresh();
    void fetchMissing();
  });
  view.on((now, earlier) => {
    if (now.minScore !== earlier.minScore && comparison.get().mode !== 'off') refresh();
  });
  session.on((now, earlier) => {
    if (now.image?.id === earlier.image?.id) return;
    before.clear();
    touched.clear();
    proposed.clear();
    past.clear();
    [checkpoints, listedFor] = [[], 0];
    comparison.set({ mode: 'off', left: NOW, right: OPENED, rows: { left: null, right: null } });
  });
}
