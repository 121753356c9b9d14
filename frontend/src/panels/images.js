import { gettext, ngettext } from '../i18n.js';
import { element } from './element.js';
import { STATUS_NAMES } from './image_status.js';

/** @typedef {import('../store/session.js').ImageRow} ImageRow */

/**
 * The dataset's images; more rows are fetched when the list's end comes into view.
 * @param {import('../store/store.js').Store} store
 * @param {{openImage: (id: number) => void, loadMoreImages: () => void, imageUrl: (id: number) => string}} page
 */
export function createImages({ session }, page) {
  const list = element('ul', { class: 'image-list' });
  const more = element('div', { class: 'image-list-end' });
  const retry = element('button', { type: 'button', class: 'button small', text: gettext('Load the list again'), onclick: page.loadMoreImages });
  const scroller = element('div', { class: 'image-scroll', 'data-testid': 'image-list' }, list, more);
  /** @type {Map<number, {row: ImageRow, node: HTMLLIElement}>} */
  const nodes = new Map();
  /** @type {number | undefined} */
  let current;

  /** @param {ImageRow} row */
  function item(row) {
    const { id, name, mask_count, status, thumbnail_url } = row;
    const masks = ngettext('%(count)s nucleus', '%(count)s nuclei', mask_count);
    const link = element(
      'a',
      { href: page.imageUrl(id), onclick: open },
      element('img', { src: thumbnail_url, alt: '', loading: 'lazy', width: 44, height: 44 }),
      element(
        'span',
        { class: 'about' },
        element('span', { class: 'name', text: name, title: name }),
        element('span', { class: 'muted small' }, element('span', { class: 'status-dot', 'data-status': status }), `${STATUS_NAMES[status]} · ${masks}`),
      ),
    );
    /** @param {MouseEvent} event */
    function open(event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      page.openImage(id);
    }
    return element('li', { 'data-image': id }, link);
  }

  function update() {
    const { image, images, moreImages, imagesFailed } = session.get();
    for (const row of images) {
      const kept = nodes.get(row.id);
      if (kept?.row === row) continue;
      const node = item(row);
      if (kept) kept.node.replaceWith(node);
      else list.append(node);
      nodes.set(row.id, { row, node });
    }
    for (const { row, node } of nodes.values()) {
      if (row.id === image?.id) node.firstElementChild?.setAttribute('aria-current', 'page');
      else node.firstElementChild?.removeAttribute('aria-current');
    }
    more.hidden = !moreImages && !imagesFailed;
    more.replaceChildren(imagesFailed ? retry : moreImages ? gettext('Loading…') : '');
    if (image?.id !== current && image && nodes.has(image.id)) {
      current = image.id;
      bringIntoView(/** @type {{node: HTMLElement}} */ (nodes.get(image.id)).node);
    }
  }

  /** Scrolls the list alone: the panels above it stay where they are. @param {HTMLElement} node */
  function bringIntoView(node) {
    const [seen, box] = [scroller.getBoundingClientRect(), node.getBoundingClientRect()];
    scroller.scrollTop += box.top + box.height / 2 - (seen.top + seen.height / 2);
  }

  new IntersectionObserver((entries) => {
    const { moreImages, imagesFailed } = session.get();
    if (moreImages && !imagesFailed && entries.some((e) => e.isIntersecting)) page.loadMoreImages();
  }, { root: scroller, rootMargin: '300px' }).observe(more);

  session.on((now, before) => {
    if (now.images !== before.images || now.image !== before.image || now.moreImages !== before.moreImages || now.imagesFailed !== before.imagesFailed) update();
  });
  update();
  return element(
    'section',
    { class: 'panel images', 'aria-labelledby': 'images-title' },
    element('h2', { id: 'images-title', text: gettext('Images') }),
    scroller,
  );
}
