/** Gathers the sets of masks that can be compared, and keeps the two that are. */
import { gettext } from './i18n.js';
import { ANSWERED, momentOf, momentSet, NOW, OPENED, promptOf, promptSet } from './store/comparison.js';

/** @typedef {import('./store/store.js').Store} Store */
/** @typedef {import('./store/annotations.js').Mask} Mask */
/** @typedef {import('./store/comparison.js').ComparedShape} ComparedShape */
/** @typedef {import('./store/comparison.js').SetName} SetName */

const AUTHOR = 'author:';

/**
 * @param {{
 *   store: Store,
 *   images: Pick<ReturnType<typeof import('./api/images.js').imagesApi>, 'proposalSets' | 'modelAnswers'>,
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
  /** @type {ComparedShape[] | null} by the ids of the masks that they became */
  let answers = null;
  /** @type {Promise<void> | null} the checkpoints that have proposed for this image */
  let listing = null;

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
      ...answered(),
      ...checkpoints,
      ...moments(),
      ...submitted(),
    ];
  }

  /** @returns {SetName[]} what became of the model's answers can be compared with them */
  function answered() {
    const any = [...annotations.masks.values()].some(({ prediction }) => prediction);
    return any ? [{ id: ANSWERED, label: gettext('As the model answered') }] : [];
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
    if (id === ANSWERED) return answers?.filter(({ id: mask }) => annotations.masks.has(mask ?? '')) ?? null;
    const all = proposed.get(promptOf(id) ?? '');
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

  /** Those known already may be of masks that are others by now. @param {number} image */
  async function fetchAnswers(image) {
    const all = await everyPage((after) => images.modelAnswers(image, after));
    if (session.get().image?.id === image) answers = all;
  }

  /** @param {number} image */
  async function fetchCheckpoints(image) {
    const found = await images.proposalSets(image);
    if (session.get().image?.id !== image) return;
    checkpoints = found.map(({ prompt, name }) => ({ id: promptSet(prompt), label: gettext('Proposed by %(name)s', { name }) }));
  }

  /** @param {number} image @returns {Promise<void>} asked once, and again when that failed */
  function list(image) {
    listing ??= fetchCheckpoints(image).catch((failure) => {
      listing = null;
      throw failure;
    });
    return listing;
  }

  /** What is compared and not here yet is fetched. */
  async function fetchMissing() {
    const { image } = session.get();
    const { left, right } = comparison.get();
    if (!image) return;
    try {
      await list(image.id);
      if (session.get().image?.id !== image.id) return;
      for (const id of [left, right]) {
        const prompt = promptOf(id);
        if (prompt !== null && !proposed.has(prompt)) await fetchProposals(prompt);
        const event = momentOf(id);
        if (event !== null && !past.has(event)) {
          past.set(event, await everyPage((after) => timeline.masks(image.id, event, after)));
        }
        if (id === ANSWERED) await fetchAnswers(image.id);
      }
      comparison.set({ state: 'ready' });
    } catch {
      listing = null;
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
    [checkpoints, listing, answers] = [[], null, null];
    comparison.set({ mode: 'off', left: NOW, right: OPENED, rows: { left: null, right: null } });
  });

  return {
    /** @returns {Promise<SetName[]>} all that can be compared, as far as it can be asked now */
    async sets() {
      const { image } = session.get();
      if (image) await list(image.id).catch(() => {});
      return names();
    },
  };
}

/**
 * @param {(after: string | null) => Promise<{masks: any[], next: string | null}>} fetchPage
 * @returns {Promise<any[]>} the masks of all pages
 */
async function everyPage(fetchPage) {
  const all = [];
  let after = null;
  do {
    const page = /** @type {{masks: any[], next: string | null}} */ (await fetchPage(after));
    all.push(...page.masks);
    after = page.next;
  } while (after);
  return all;
}
