import { element, setText } from './element.js';

/** @type {Record<import('../store/view.js').ToolName, string>} */
const HINTS = {
  point: 'Click a nucleus. Shift+click adds to its mask, right click or Alt+click takes background away.',
  brush: 'Paint on a nucleus to extend it, or on empty ground to draw a new one.',
  eraser: 'Wipe over a nucleus to take pixels away.',
  select: 'Click a mask to select it. Delete removes it, a number gives it a class.',
  pan: 'Drag to move. Holding the space bar does the same in every tool.',
};

/** The tool's one-line instruction, and the brush's size. @param {import('../store/store.js').Store} store */
export function createToolOptions({ session, view }) {
  const hint = element('p', { class: 'tool-hint' });
  const input = element('input', {
    type: 'range', min: 1, max: 120, 'aria-label': 'Brush size', 'data-testid': 'brush-size',
    oninput: () => view.set({ brushSize: Number(input.value) }),
  });
  const output = element('output');
  const size = element('label', { class: 'slide' }, element('span', { text: 'Size' }), input, output, element('kbd', { text: '[' }), element('kbd', { text: ']' }));
  const bar = element('div', { class: 'tool-options' }, size, hint);

  function update() {
    const { tool, brushSize } = view.get();
    const viewer = session.get().role === 'viewer';
    setText(hint, viewer && session.get().phase === 'ready' ? 'You may look at this dataset, but not change it.' : HINTS[tool]);
    size.hidden = tool !== 'brush' && tool !== 'eraser';
    input.value = String(brushSize);
    setText(output, `${brushSize} px`);
  }

  view.on(update);
  session.on(update);
  update();
  return bar;
}
