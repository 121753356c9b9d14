/** The composition root: the only place that knows every part. */
import './style.css';
import { createClient } from './api/client.js';
import { commentsApi } from './api/comments.js';
import { datasetsApi } from './api/datasets.js';
import { encodingsApi } from './api/encodings.js';
import { imagesApi } from './api/images.js';
import { leasesApi } from './api/leases.js';
import { masksApi } from './api/masks.js';
import { noticesApi } from './api/notices.js';
import { preferencesApi } from './api/preferences.js';
import { promptsApi } from './api/prompts.js';
import { statusApi } from './api/status.js';
import { timelineApi } from './api/timeline.js';
import { verdictsApi } from './api/verdicts.js';
import { createArrival } from './arrival.js';
import { createAutosave } from './autosave.js';
import { fromKept } from './appearance/adjustments.js';
import { createPicker } from './canvas/picker.js';
import { watchPointer } from './canvas/pointer.js';
import { createStage } from './canvas/stage.js';
import { watchChannels } from './channels.js';
import { createTalk } from './comments.js';
import { watchComparison } from './comparison.js';
import { startDecoderThread } from './inference/decoder_thread.js';
import { watchHover } from './inference/hover.js';
import { createLocalDecoder } from './inference/local_decoder.js';
import { createPrompter } from './inference/prompts.js';
import { createPrefetcher } from './inference/prefetch.js';
import { createProposer } from './inference/proposals.js';
import { watchWorkers } from './inference/workers.js';
import { toImage, visibleBox } from './geometry/viewport.js';
import { gettext } from './i18n.js';
import { openJournal } from './journal.js';
import { createNavigation } from './navigation.js';
import { createFrame } from './panels/app.js';
import { createPreferences } from './preferences.js';
import { createReviewing } from './review.js';
import { publishScripting } from './scripting.js';
import { createHistoryLog } from './saving/history_log.js';
import { createLease } from './saving/lease.js';
import { createLive } from './saving/live.js';
import { watchTabs } from './saving/tabs.js';
import { mayEdit, notify } from './store/session.js';
import { createStore } from './store/store.js';
import { watchTimeline } from './timeline.js';
import { createCommands } from './tools/commands.js';
import { watchKeyboard } from './tools/keyboard.js';
import { createKeymap } from './tools/keymap.js';
import { createShortcuts } from './tools/shortcuts.js';
import { createTools } from './tools/tools.js';
import { watchUnread } from './unread.js';
import { keep, perDataset, recall, recallView, rememberView } from './view_settings.js';

/** @typedef {{datasetId: number, imageId: number, user: {id: number, username: string}, role: string, csrfToken: string, preferences: import('./preferences.js').Values}} PageData */

/** @type {PageData} */
const pageData = JSON.parse(document.getElementById('page-data')?.textContent ?? '{}');
const root = /** @type {HTMLElement} */ (document.getElementById('app'));

const adjusted = perDataset('adjustments', pageData.user.id, pageData.datasetId);
const store = createStore(recallView(), fromKept(recall(adjusted)));
store.adjustments.on((now) => keep(adjusted, now));
store.session.set({ role: pageData.role, user: { id: pageData.user.id, name: pageData.user.username } });
if (pageData.role === 'viewer') store.view.set({ tool: 'pan' });
rememberView(store.view);

const client = createClient(pageData.csrfToken, pageData.user.id);
const images = imagesApi(client);
const masks = masksApi(client);
const prompts = promptsApi(client);

const preferences = createPreferences({
  user: pageData.user.id,
  known: pageData.preferences,
  save: preferencesApi(client).save,
});
/** @type {import('./tools/shortcuts.js').Shortcut[]} */
const shortcuts = [];
const keymap = createKeymap(shortcuts, preferences, (own) => preferences.change({ shortcuts: own }));
const frame = createFrame(root, store, keymap, () => preferences.change({ tourSeen: true }));
const picker = createPicker(store);
const context = { store, picker, say: frame.say };
const tools = createTools(context);
const toolInHand = () => tools[store.view.get().tool];

const user = pageData.user.id;
const tabs = watchTabs(navigator.locks, window);
const journal = await openJournal(user).catch(() => null);
const decoder = createLocalDecoder({
  encodings: encodingsApi(client),
  startThread: startDecoderThread,
  view: () => {
    const { screen, viewport } = store.view.get();
    const centre = toImage(viewport, { x: screen.width / 2, y: screen.height / 2 });
    return { centre, box: visibleBox(viewport, screen) };
  },
});
const prompter = createPrompter({ store, prompts, decoder });
const autosave = createAutosave({ store, journal, masks, user, tabs, ask: prompter.ask, sees: images.sees });
const live = createLive({ session: store.session, changes: images.changes, autosave });
const historyLog = createHistoryLog({ store, journal });
const lease = createLease({ store, leases: leasesApi(client), tab: tabs.id });
const arrival = createArrival({ store, masks, autosave });
watchHover({ store, picker, decoder });
const proposer = createProposer({ store, prompts, journal });
const workers = watchWorkers({ store, status: statusApi(client, pageData.datasetId) });

/** @type {() => void} */
let follow = () => {};
/** @type {() => void} */
let askForNote = () => {};
const stage = await createStage({
  store,
  picker,
  container: frame.stage,
  onFailure: (failure) => store.session.set({ phase: 'failed', failure }),
  onFrame: () => follow(),
});

const keptChannels = perDataset('channels', pageData.user.id, pageData.datasetId);
watchChannels({
  store, images, stage,
  kept: recall(keptChannels).shown,
  keep: (shown) => keep(keptChannels, { shown }),
});

const timeline = timelineApi(client);
const compared = watchComparison({ store, images, timeline, prompts });
const history = watchTimeline({ store, api: timeline, look: live.look });

/** Where a notice leads to. */
const asked = window.location.hash.match(/^#comment=([\w-]+)$/)?.[1] ?? null;
const talk = createTalk({
  store, asked, api: commentsApi(client), dataset: pageData.datasetId,
  show: (thread) => commands.showThread(thread),
});
/** @type {(mask: import('./store/annotations.js').Mask) => void} */
let showMask = () => {};
const reviewing = createReviewing({ store, api: verdictsApi(client), timeline, autosave, compared, showMask: (mask) => showMask(mask) });

const navigation = createNavigation({
  store, talk, stage, images, masks, arrival, autosave, live, lease, historyLog, journal, prompter, proposer, decoder, workers,
  prefetcher: createPrefetcher({ view: store.view, decoder }),
  dataset: pageData.datasetId,
});
const commands = createCommands(
  context,
  stage,
  {
    openNeighbour: navigation.openNeighbour,
    openNextInNeed: navigation.openNextInNeed,
    move: (move, note) => void navigation.move(move, note),
    review: reviewing,
    askForNote: () => askForNote(),
    showHelp: frame.showHelp,
  },
  toolInHand,
);
showMask = (mask) => commands.showMask(mask);
shortcuts.push(...createShortcuts(commands));

({ follow, askForNote } = frame.fill(commands, {
  datasetUrl: `/datasets/${pageData.datasetId}/`,
  imageUrl: navigation.imageUrl,
  openImage: navigation.open,
  loadMoreImages: navigation.loadMore,
  // Without a network the browser would have nothing to show but its own page.
  reload: () => (navigator.onLine ? window.location.reload() : void navigation.retry()),
  askForProposals: proposer.again,
  retrySaving: autosave.retry,
  discardRefused: autosave.discardRefused,
  signInUrl: '/accounts/login/',
  chooseLease: lease.choose,
  askForLease: lease.ask,
  takeLease: lease.take,
  setResolution: navigation.setResolution,
  history,
  talk,
  flow: { move: navigation.move, review: reviewing },
  toggleSide: () => root.classList.toggle('wide-stage'),
}));
store.annotations.on(follow);

const { panning } = watchKeyboard({ keymap, commands, view: store.view });
watchPointer({
  container: frame.stage,
  view: store.view,
  stage,
  tool: toolInHand,
  panning,
  resizeBrush: commands.resizeBrush,
});
store.view.on(({ tool, pointer }) => {
  frame.stage.dataset.tool = tool;
  frame.stage.dataset.aim = (pointer && toolInHand().aim?.(pointer)) ?? '';
});
frame.stage.dataset.tool = store.view.get().tool;

window.addEventListener('online', () => {
  void autosave.replay();
  void preferences.send();
  void navigation.retry();
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  void autosave.replay();
  live.look();
});
window.addEventListener('pagehide', () => lease.open(null));
void preferences.send();
window.addEventListener('beforeunload', (event) => {
  if (autosave.atRisk) event.preventDefault();
});
if (!journal) {
  notify(store.session, {
    kind: 'warn',
    text: gettext('This browser keeps no data for this site, so unsaved changes live only in this page. Wait for “Saved” before you close it.'),
  });
}

watchUnread({ session: store.session, notices: noticesApi(client), page: document });
publishScripting({ store, stage, picker, decoder });
void datasetsApi(client)
  .get(pageData.datasetId)
  .then(({ name, classes, deleted_classes, overlap_rule, review_required, instructions_html }) =>
    store.session.set({
      datasetName: name, classes, deletedClasses: deleted_classes, overlapRule: overlap_rule,
      reviewRequired: review_required, instructions: instructions_html,
    }),
  )
  .catch(() =>
    notify(store.session, {
      kind: 'error',
      text: gettext('The classes could not be loaded. Masks can be made without a class; reload to try again.'),
    }),
  );
await autosave.replay();
await navigation.start(pageData.imageId);
if (!preferences.get().tourSeen && mayEdit(store.session.get())) frame.showTour();
