import { element, setText } from './element.js';

/** @typedef {'showMasks' | 'showProposals' | 'outlineOnly' | 'hoverPreview'} Switch */

/**
 * @param {import('../store/store.js').Store} store @param {import('./app.js').Commands} commands
 * @param {{askForProposals: () => void}} page
 */
export function createLayers({ proposals, view }, commands, page) {
  const masks = checkbox('showMasks', 'Masks', 'show-masks');
  const outline = checkbox('outlineOnly', 'Outlines only', 'outline-only', 'O');
  const offers = checkbox('showProposals', 'Proposals', 'show-proposals');
  const hover = checkbox('hoverPreview', 'Hover preview', 'hover-preview', 'W');
  const opacity = slider('Fill', 'opacity', (value) => view.set({ opacity: value }));
  const score = slider('Least score', 'proposal-score', (value) => view.set({ minScore: value }));
  const state = element('p', { class: 'muted small', role: 'status', 'data-testid': 'proposals-state' });
  const again = element('button', { type: 'button', class: 'button small', text: 'Try again', onclick: page.askForProposals });
  const all = element('button', {
    type: 'button', class: 'button small', text: 'Accept all in view', 'data-testid': 'accept-proposals',
    'aria-keyshortcuts': 'Shift+A', onclick: commands.acceptProposalsInView,
  });

  /** @param {Switch} setting @param {string} label @param {string} testid @param {string} [key] */
  function checkbox(setting, label, testid, key) {
    const input = element('input', { type: 'checkbox', 'data-testid': testid, onchange: () => commands.toggle(setting) });
    const row = element('label', { class: 'check' }, input, element('span', { text: label }), key ? element('kbd', { text: key }) : null);
    return { input, row, update: () => void (input.checked = view.get()[setting]) };
  }

  /** @param {string} label @param {string} testid @param {(value: number) => void} change */
  function slider(label, testid, change) {
    const input = element('input', {
      type: 'range', min: 0, max: 1, step: 0.05, 'data-testid': testid,
      oninput: () => change(Number(input.value)),
    });
    const output = element('output');
    const row = element('label', { class: 'slide' }, element('span', { text: label }), input, output);
    return {
      row,
      /** @param {number} value @param {string} text */
      update(value, text) {
        input.value = String(value);
        setText(output, text);
      },
    };
  }

  function update() {
    const now = view.get();
    for (const box of [masks, outline, offers, hover]) box.update();
    opacity.update(now.opacity, `${Math.round(now.opacity * 100)} %`);
    score.update(now.minScore, now.minScore.toFixed(2));
    const count = proposals.visible(now.minScore).length;
    setText(state, describe(proposals.status, count, proposals.items.length));
    again.hidden = proposals.status !== 'failed';
    all.disabled = !count || !now.showProposals;
  }

  let before = view.get();
  view.on((now) => {
    const keys = /** @type {const} */ (['opacity', 'minScore', 'showMasks', 'showProposals', 'outlineOnly', 'hoverPreview']);
    if (keys.some((key) => now[key] !== before[key])) update();
    before = now;
  });
  proposals.on(update);
  update();
  return element(
    'section',
    { class: 'panel', 'aria-labelledby': 'layers-title' },
    element('h2', { id: 'layers-title', text: 'Layers' }),
    element('div', { class: 'pair' }, masks.row, outline.row),
    hover.row,
    opacity.row,
    offers.row,
    score.row,
    state,
    element('div', { class: 'actions' }, all, again),
  );
}

/** @param {string} status @param {number} shown @param {number} total @returns {string} */
function describe(status, shown, total) {
  if (status === 'thinking') return 'The model is looking at the image…';
  if (status === 'failed') return 'The model gave no proposals for this image.';
  if (status === 'none') return '';
  if (!total) return 'The model proposes nothing here.';
  return `${shown} of ${total} proposals shown`;
}
