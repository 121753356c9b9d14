import { allInSight, frameIn, inImage, miniature } from '../geometry/minimap.js';
import { toImage } from '../geometry/viewport.js';
import { gettext } from '../i18n.js';
import { element } from './element.js';

const LONGEST = 160;
/** Of what is on the screen, for an arrow key. */
const STEP = 0.25;

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * The whole image in small, and what of it is on the screen, when that is not all of it. Click or
 * drag to go there.
 * @param {import('../store/store.js').Store} store
 * @param {(point: import('../geometry/stroke.js').Point) => void} lookAt a point of the image
 */
export function createMinimap({ session, view }, lookAt) {
  const picture = element('img', { alt: '', draggable: 'false' });
  const frame = element('div', { class: 'minimap-frame' });
  const map = element(
    'div',
    {
      class: 'minimap', tabindex: 0, role: 'group', 'data-testid': 'minimap',
      'aria-label': gettext('Overview. Arrow keys move what is shown.'),
    },
    picture,
    frame,
  );
  let mini = { width: LONGEST, height: LONGEST };

  /** @param {PointerEvent} event */
  function go(event) {
    const { image } = session.get();
    if (!image) return;
    const box = picture.getBoundingClientRect();
    const at = { x: ((event.clientX - box.left) / box.width) * mini.width, y: ((event.clientY - box.top) / box.height) * mini.height };
    lookAt(inImage(at, image, mini));
  }

  map.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    map.setPointerCapture(event.pointerId);
    event.preventDefault();
    go(event);
  });
  map.addEventListener('pointermove', (event) => {
    // What lies under the map is not meant.
    event.stopPropagation();
    if (map.hasPointerCapture(event.pointerId)) go(event);
  });
  map.addEventListener('keydown', (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const { viewport, screen } = view.get();
    lookAt(toImage(viewport, { x: screen.width * (0.5 + arrow[0] * STEP), y: screen.height * (0.5 + arrow[1] * STEP) }));
  });

  function update() {
    const { image, phase } = session.get();
    const { minimap, viewport, screen } = view.get();
    map.hidden = !minimap || !image || phase !== 'ready' || allInSight(viewport, screen, image);
    if (map.hidden || !image) return;
    if (picture.getAttribute('src') !== image.thumbnail_url) picture.src = image.thumbnail_url;
    mini = miniature(image, LONGEST);
    place(picture, { left: 0, top: 0, ...mini });
    place(frame, frameIn(viewport, screen, image, mini));
    map.style.width = rem(mini.width);
    map.style.height = rem(mini.height);
  }

  session.on(update);
  view.on((now, before) => {
    if (now.viewport !== before.viewport || now.screen !== before.screen || now.minimap !== before.minimap) update();
  });
  update();
  return map;
}

/** The page grows on large screens, and the map with it. @param {number} pixels */
const rem = (pixels) => `${pixels / 16}rem`;

/** @param {HTMLElement} node @param {{left: number, top: number, width: number, height: number}} box */
function place({ style }, { left, top, width, height }) {
  [style.left, style.top, style.width, style.height] = [left, top, width, height].map(rem);
}
