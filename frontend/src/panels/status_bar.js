import { insideImage } from '../geometry/hit_test.js';
import { scaleBar } from '../geometry/viewport.js';
import { gettext, ngettext } from '../i18n.js';
import { selectedMasks } from '../store/focus.js';
import { element, setText } from './element.js';
import { createToolHint } from './tool_hint.js';

const LONGEST_BAR = 120;

/** @param {import('../store/store.js').Store} store @param {HTMLElement} size of the image */
export function createStatusBar(store, size) {
  const { annotations, session, view } = store;
  const place = element('span', { class: 'place', dir: 'ltr', 'data-testid': 'coordinates' });
  const zoom = element('span', { dir: 'ltr', 'data-testid': 'zoom' });
  const nuclei = element('span', { 'data-testid': 'nuclei-count', role: 'status', 'aria-live': 'polite' });
  const loading = element('span', { class: 'muted', 'data-testid': 'arriving' });
  const pending = element('span', { class: 'muted' });
  const selected = element('span', { 'data-testid': 'selected-count' });
  const plain = element('span', {
    class: 'muted', 'data-testid': 'no-webgl', hidden: true, text: gettext('Drawn without WebGL'),
    title: gettext('This browser gives the page no WebGL, so masks are drawn by a slower way. With many thousand nuclei moving the image may lag.'),
  });
  const bar = element('span', { class: 'scale-bar', 'data-testid': 'scale-bar' });

  function count() {
    const { arriving, image } = session.get();
    const here = annotations.masks.size;
    setText(nuclei, ngettext('%(count)s nucleus', '%(count)s nuclei', (arriving && image?.mask_count) ?? here));
    setText(loading, arriving ? gettext('%(count)s of them are here, loading…', { count: here }) : '');
    const open = annotations.pendings.size;
    setText(pending, open ? gettext('%(count)s pending', { count: open }) : '');
    const chosen = selectedMasks(store).length;
    setText(selected, chosen ? ngettext('%(count)s selected', '%(count)s selected', chosen) : '');
  }

  function look() {
    const { pointer, crosshair, viewport, scaleBar: scaleBarWanted } = view.get();
    const { drawing, image } = session.get();
    plain.hidden = drawing === 'webgl';
    const at = crosshair ?? pointer;
    const inside = at && image && insideImage(at, image.width, image.height);
    setText(place, inside ? placeOf(at, image.microns_per_pixel) : '');
    setText(zoom, `${Math.round(viewport.scale * 100)} %`);
    bar.hidden = !image?.microns_per_pixel || !scaleBarWanted;
    if (image?.microns_per_pixel) {
      const { microns, pixels } = scaleBar(viewport.scale / image.microns_per_pixel, LONGEST_BAR);
      bar.style.width = `${pixels}px`;
      setText(bar, microns >= 1000 ? `${microns / 1000} mm` : `${Number(microns.toPrecision(1))} µm`);
    }
  }

  annotations.on(count);
  view.on((now, before) => {
    if (now.selection !== before.selection) count();
  });
  view.on(look);
  session.on(look);
  session.on((now, before) => {
    if (now.arriving !== before.arriving) count();
  });
  count();
  look();
  return element(
    'footer',
    { class: 'status-bar' },
    nuclei,
    selected,
    pending,
    createToolHint(store),
    element('span', { class: 'spring' }),
    plain,
    place,
    size,
    zoom,
    bar,
  );
}

/** @param {{x: number, y: number}} at @param {number | null} microns per pixel */
function placeOf({ x, y }, microns) {
  const pixels = `x ${Math.floor(x)}  y ${Math.floor(y)}`;
  return microns ? `${pixels}  (${(x * microns).toFixed(1)}, ${(y * microns).toFixed(1)} µm)` : pixels;
}

