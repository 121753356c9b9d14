import { COLOR_BY, legendOf } from '../appearance/mask_colors.js';
import { MASK_STYLES } from '../appearance/mask_style.js';
import { gettext } from '../i18n.js';
import { choice, slider } from './controls.js';
import { element } from './element.js';

const STYLE_NAMES = { outline: gettext('Outline'), fill: gettext('Fill'), both: gettext('Outline and fill') };
const COLOR_NAMES = {
  class: gettext('Class'), instance: gettext('Nucleus'), author: gettext('Author'),
  score: gettext('Score'), status: gettext('How it was made'),
};

/** How masks are drawn, and what their colours mean. @param {import('../store/store.js').Store} store */
export function createViewMasks({ session, view }) {
  const style = choice({
    label: gettext('Show as'), testid: 'mask-style', key: 'Shift+O',
    options: MASK_STYLES.map((value) => ({ value, label: STYLE_NAMES[value] })),
    change: (maskStyle) => view.set({ maskStyle }),
  });
  const opacity = slider({ label: gettext('Fill'), testid: 'opacity', change: (value) => view.set({ opacity: value }) });
  const color = choice({
    label: gettext('Colour by'), testid: 'color-by', key: 'Shift+C',
    options: COLOR_BY.map((value) => ({ value, label: COLOR_NAMES[value] })),
    change: (colorBy) => view.set({ colorBy }),
  });
  const legend = element('ul', { class: 'legend', 'aria-label': gettext('What the colours mean'), 'data-testid': 'legend' });
  let shown = '';

  function update() {
    const { maskStyle, opacity: value, colorBy } = view.get();
    style.update(maskStyle);
    opacity.update(value, `${Math.round(value * 100)} %`);
    opacity.input.disabled = maskStyle === 'outline';
    color.update(colorBy);
    const { classes, authors } = session.get();
    const entries = legendOf({ colorBy, classes, authors });
    if (JSON.stringify(entries) === shown) return;
    shown = JSON.stringify(entries);
    legend.hidden = !entries.length;
    legend.replaceChildren(...entries.map(legendRow));
  }

  session.on(update);
  view.on((now, before) => {
    const keys = /** @type {const} */ (['maskStyle', 'opacity', 'colorBy']);
    if (keys.some((key) => now[key] !== before[key])) update();
  });
  update();
  return [style.row, opacity.row, color.row, legend];
}

/** @param {{color: string, label: string}} entry */
function legendRow({ color, label }) {
  const swatch = element('span', { class: 'swatch' });
  swatch.style.background = color;
  return element('li', {}, swatch, label);
}
