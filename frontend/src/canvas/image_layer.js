/** OpenSeadragon shows the pixels and nothing else: pointer, keys and viewport are the stage's. */
import { gettext } from '../i18n.js';

/** @typedef {import('../geometry/viewport.js').Viewport} Viewport */
/** @typedef {import('../geometry/viewport.js').Size} Size */

// Starts loading before anything needs it, beside the page's own script.
const library = import('openseadragon');

const SHARP_FROM_SCALE = 4;

/**
 * @param {HTMLElement} element @param {(reason: string) => void} onFailure
 * @param {() => void} onDrawn the picture has changed
 */
export async function createImageLayer(element, onFailure, onDrawn) {
  const { default: OpenSeadragon } = await library;
  document.head.append(styleSheetStandIn());
  const viewer = OpenSeadragon({
    element,
    drawer: 'canvas',
    showNavigationControl: false,
    mouseNavEnabled: false,
    immediateRender: true,
    animationTime: 0,
    blendTime: 0,
    visibilityRatio: 0,
    minZoomImageRatio: 0,
    maxZoomPixelRatio: Infinity,
    constrainDuringPan: false,
    // Its way of hiding seams between tiles smooths the pixels, too.
    smoothTileEdgesMinZoom: Infinity,
    autoResize: true,
    preserveImageSizeOnResize: false,
  });
  viewer.setMouseNavEnabled(false);
  // OpenSeadragon makes its element focusable for its own keys, which are not used here.
  viewer.canvas.removeAttribute('tabindex');
  /** @param {{message?: string}} event */
  const failed = (event) => onFailure(event.message ?? gettext('The image could not be loaded.'));
  viewer.addHandler('update-viewport', onDrawn);
  viewer.addHandler('open-failed', failed);
  viewer.addHandler('tile-load-failed', failed);

  return {
    picture: () => /** @type {HTMLCanvasElement} */ (viewer.drawer.canvas),
    /** @param {string} url @returns {Promise<void>} when it may be drawn */
    open(url) {
      return new Promise((resolve) => {
        viewer.addOnceHandler('open', () => resolve());
        viewer.open(/** @type {any} */ ({ type: 'image', url }));
      });
    },
    /**
     * Puts another picture of the same image in the place of the first, which stays until it is there.
     * @param {string} url @returns {Promise<boolean>} whether it could be had
     */
    swap(url) {
      return new Promise((resolve) => {
        viewer.addTiledImage({
          tileSource: /** @type {any} */ ({ type: 'image', url }),
          index: 0,
          replace: true,
          success: () => resolve(true),
          error: () => resolve(false),
        });
      });
    },
    /** @param {Viewport} viewport @param {Size} image @param {Size} screen */
    follow({ scale, tx, ty }, image, screen) {
      if (!viewer.isOpen()) return;
      const centre = new OpenSeadragon.Point(
        (screen.width / 2 - tx) / scale / image.width,
        (screen.height / 2 - ty) / scale / image.width,
      );
      viewer.viewport.zoomTo((scale * image.width) / screen.width, undefined, true);
      viewer.viewport.panTo(centre, true);
      viewer.drawer.setImageSmoothingEnabled(scale < SHARP_FROM_SCALE);
      viewer.forceRedraw();
    },
  };
}

/**
 * OpenSeadragon adds a style sheet, which the content security policy forbids, unless it finds the
 * one it added before. This element answers to the same selector and is none.
 */
function styleSheetStandIn() {
  const element = document.createElementNS('urn:sppnet-annotate', 'style');
  element.setAttribute('data-openseadragon-mobile-css', '');
  return element;
}
