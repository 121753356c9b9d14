/** The pointer of those who have none: the arrow keys move it, Enter presses it. */
import { gettext } from '../i18n.js';
import { insideImage } from '../geometry/hit_test.js';
import { toImage } from '../geometry/viewport.js';

const ARROW_STEP = 8;

/**
 * @param {import('./tools.js').Context} context
 * @param {Pick<import('./commands.js').Camera, 'reveal'>} camera
 * @param {() => import('./tools.js').Tool} tool the one in hand
 * @param {() => void} accept what Enter means where nothing was clicked since
 */
export function createCrosshairCommands({ store, say }, camera, tool, accept) {
  const { session, view } = store;

  return {
    toggleCrosshair() {
      const { crosshair, viewport, screen } = view.get();
      const { image } = session.get();
      if (crosshair || !image) return view.set({ crosshair: null });
      const middle = toImage(viewport, { x: screen.width / 2, y: screen.height / 2 });
      const inside = insideImage(middle, image.width, image.height);
      const centre = { x: image.width / 2, y: image.height / 2 };
      view.set({ crosshair: inside ? middle : centre, crosshairMoved: true });
      say(gettext('Crosshair on. Arrow keys move it, Enter clicks, Enter again accepts.'));
    },

    /** @param {number} dx @param {number} dy steps @param {boolean} far */
    moveCrosshair(dx, dy, far) {
      const { crosshair, viewport } = view.get();
      const { image } = session.get();
      if (!crosshair || !image) return;
      const step = (ARROW_STEP * (far ? 6 : 1)) / viewport.scale;
      const moved = {
        x: Math.max(0, Math.min(image.width - 0.01, crosshair.x + dx * step)),
        y: Math.max(0, Math.min(image.height - 0.01, crosshair.y + dy * step)),
      };
      view.set({ crosshair: moved, crosshairMoved: true });
      if (view.get().draft || view.get().stroke) tool().drag?.([moved]);
      camera.reveal(moved);
    },

    /**
     * Enter clicks; a tool that is dragged it puts down and, once more, lifts.
     * @param {{shift: boolean, background: boolean}} how
     */
    clickCrosshair(how) {
      const { crosshair, crosshairMoved, draft, stroke } = view.get();
      if (!crosshair) return;
      if (tool().press && (draft || stroke)) {
        view.set({ crosshairMoved: false });
        return tool().release?.();
      }
      const plain = !how.shift && !how.background;
      if (plain && !crosshairMoved) return void accept();
      view.set({ crosshairMoved: false });
      const press = { point: crosshair, ...how };
      if (!tool().press?.(press)) tool().tap?.(press);
      else if (!view.get().draft && !view.get().stroke) tool().release?.();
    },
  };
}
