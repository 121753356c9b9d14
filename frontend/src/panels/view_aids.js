import { gettext } from '../i18n.js';
import { checkbox } from './controls.js';
import { element } from './element.js';

/** What helps to find one's way. @param {import('../store/store.js').Store} store */
export function createViewAids({ session, view }) {
  const minimap = checkbox({ label: gettext('Overview'), testid: 'show-minimap', key: 'Shift+Q', change: (on) => view.set({ minimap: on }) });
  const grid = checkbox({ label: gettext('Pixel grid when zoomed in'), testid: 'show-grid', key: 'Shift+P', change: (on) => view.set({ pixelGrid: on }) });
  const bar = checkbox({ label: gettext('Scale bar'), testid: 'show-scale-bar', key: 'Shift+W', change: (on) => view.set({ scaleBar: on }) });
  const uncertain = checkbox({ label: gettext('Parts of which the model is most unsure'), testid: 'show-uncertain', key: 'Shift+U', change: (on) => view.set({ uncertainParts: on }) });
  const unknown = element('p', { class: 'muted small', text: gettext('The image does not say how large its pixels are.') });

  function update() {
    const now = view.get();
    minimap.update(now.minimap);
    grid.update(now.pixelGrid);
    bar.update(now.scaleBar);
    uncertain.update(now.uncertainParts);
    const { image } = session.get();
    bar.input.disabled = image !== null && !image.microns_per_pixel;
    unknown.hidden = !bar.input.disabled;
  }

  view.on((now, before) => {
    const keys = /** @type {const} */ (['minimap', 'pixelGrid', 'scaleBar', 'uncertainParts']);
    if (keys.some((key) => now[key] !== before[key])) update();
  });
  session.on((now, before) => {
    if (now.image !== before.image) update();
  });
  update();
  return [minimap.row, grid.row, bar.row, unknown, uncertain.row];
}
