/**
 * How the image lies on the screen: screen = image × scale + offset, in CSS pixels of the canvas.
 * @typedef {{scale: number, tx: number, ty: number}} Viewport
 */
/** @typedef {{width: number, height: number}} Size */
/** @typedef {import('./stroke.js').Point} Point */

export const MAX_SCALE = 64;

/** @param {Viewport} v @param {Point} p @returns {Point} */
export function toScreen(v, p) {
  return { x: p.x * v.scale + v.tx, y: p.y * v.scale + v.ty };
}

/** @param {Viewport} v @param {Point} p @returns {Point} */
export function toImage(v, p) {
  return { x: (p.x - v.tx) / v.scale, y: (p.y - v.ty) / v.scale };
}

/** @param {Size} image @param {Size} screen @param {number} [margin] CSS pixels @returns {Viewport} */
export function fit(image, screen, margin = 16) {
  const scale = Math.min(
    MAX_SCALE,
    Math.max(screen.width - 2 * margin, 1) / image.width,
    Math.max(screen.height - 2 * margin, 1) / image.height,
  );
  return {
    scale,
    tx: (screen.width - image.width * scale) / 2,
    ty: (screen.height - image.height * scale) / 2,
  };
}

/**
 * Zoom with the image point under `anchor` staying under it.
 * @param {Viewport} v @param {number} factor @param {Point} anchor on the screen
 * @param {Size} image @param {Size} screen @returns {Viewport}
 */
export function zoomAt(v, factor, anchor, image, screen) {
  const lowest = fit(image, screen).scale / 2;
  const scale = Math.max(Math.min(lowest, MAX_SCALE), Math.min(MAX_SCALE, v.scale * factor));
  const fixed = toImage(v, anchor);
  const zoomed = { scale, tx: anchor.x - fixed.x * scale, ty: anchor.y - fixed.y * scale };
  return keepInSight(zoomed, image, screen);
}

/** @param {Viewport} v @param {number} dx @param {number} dy @param {Size} image @param {Size} screen */
export function pan(v, dx, dy, image, screen) {
  return keepInSight({ scale: v.scale, tx: v.tx + dx, ty: v.ty + dy }, image, screen);
}

/** @param {Viewport} v @param {Point} point of the image @param {Size} screen @returns {Viewport} */
export function centreOn(v, point, screen) {
  return {
    scale: v.scale,
    tx: screen.width / 2 - point.x * v.scale,
    ty: screen.height / 2 - point.y * v.scale,
  };
}

/**
 * A quarter of the screen, or of a smaller image, always shows image: nobody gets lost.
 * @param {Viewport} v @param {Size} image @param {Size} screen @returns {Viewport}
 */
export function keepInSight(v, image, screen) {
  const width = image.width * v.scale;
  const height = image.height * v.scale;
  const seenX = Math.min(width, screen.width) / 4;
  const seenY = Math.min(height, screen.height) / 4;
  return {
    scale: v.scale,
    tx: Math.max(seenX - width, Math.min(screen.width - seenX, v.tx)),
    ty: Math.max(seenY - height, Math.min(screen.height - seenY, v.ty)),
  };
}

/**
 * @param {Viewport} v @param {Size} screen
 * @returns {import('./bitmap.js').Box} the part of the image plane that is on the screen
 */
export function visibleBox(v, screen) {
  const corner = toImage(v, { x: 0, y: 0 });
  return [corner.x, corner.y, screen.width / v.scale, screen.height / v.scale];
}

/**
 * The longest round length that fits.
 * @param {number} pixelsPerMicron on the screen @param {number} longest CSS pixels
 * @returns {{microns: number, pixels: number}}
 */
export function scaleBar(pixelsPerMicron, longest) {
  const most = longest / pixelsPerMicron;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [5, 2, 1].find((s) => s * power <= most) ?? 1;
  return { microns: step * power, pixels: step * power * pixelsPerMicron };
}
