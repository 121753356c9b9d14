import { gettext } from '../i18n.js';
import { element, setText } from './element.js';

/** Shown over the stage while a brush is in hand. @param {import('../store/store.js').Store} store */
export function createBrushSize({ view }) {
  const input = element('input', {
    type: 'range', min: 1, max: 120, 'aria-label': gettext('Brush size'), 'data-testid': 'brush-size',
    oninput: () => view.set({ brushSize: Number(input.value) }),
  });
  const output = element('output');
  const bar = element(
    'div',
    { class: 'tool-options' },
    element('label', { class: 'slide' }, element('span', { text: gettext('Size') }), input, output),
    element('span', {}, element('kbd', { text: '[' }), ' ', element('kbd', { text: ']' })),
    element('kbd', { text: gettext('Alt+wheel') }),
  );

  function update() {
    const { tool, brushSize } = view.get();
    bar.hidden = tool !== 'brush' && tool !== 'eraser';
    input.value = String(brushSize);
    setText(output, `${brushSize} px`);
  }

  view.on(update);
  update();
  return bar;
}
