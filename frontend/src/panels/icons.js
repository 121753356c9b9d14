const NAMESPACE = 'http://www.w3.org/2000/svg';

/** Drawn on a 24×24 grid with a 1.75 px line; a trailing "!" fills the shape. */
const STROKES = {
  point: ['M12 3v5M12 16v5M3 12h5M16 12h5', 'M12 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z!'],
  box: ['M4 5.5h16v13H4z', 'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z!'],
  lasso: ['M12 4c5 0 8.5 2.5 8.5 5.8s-3.5 5.8-8.5 5.8-8.5-2.5-8.5-5.8S7 4 12 4z', 'M8 15.2c-1.9.1-2.8 1.8-1.7 2.9 1.2 1.1 3.1.1 2.8-1.5', 'M7.2 18.6c-.2 1-.8 1.7-1.7 2.2'],
  polygon: ['M12 3.8 20.2 10 17 19.5H7L3.8 10z'],
  vertices: ['M5 18.5C5.5 11 11 5.5 18.5 5', 'M3 16.5h4v4H3z!', 'M16.5 3h4v4h-4z!', 'M7.3 7.3h4v4h-4z!'],
  knife: ['M20.5 3.5 9.5 14.5 7 12c3.2-5.4 7.3-8.3 13.5-8.5z', 'M9.5 14.5 4 20.5'],
  brush: ['M20 4 10.5 13.5', 'M9 13.2c-2.4-.5-4.6 1.2-4.7 3.4 0 1.5-.7 2.4-1.8 2.9 3.6 1.5 8.3 .5 8.8-3.2.1-1.5-.9-2.8-2.3-3.1z'],
  eraser: ['M8.5 19.5 3.5 14.5l10-10 6.5 6.5-8.5 8.5z', 'M8.5 9.5l6.5 6.5', 'M8.5 19.5H20'],
  select: ['M6 3.5 18.5 11l-5.7 1.7L10 18.5z'],
  pan: ['M8 12V6.5a1.5 1.5 0 0 1 3 0V11', 'M11 10.5V4.8a1.5 1.5 0 0 1 3 0v5.7', 'M14 10.5V6.3a1.5 1.5 0 0 1 3 0V14', 'M8 12.5l-1.6-2c-.7-.9-2-1-2.7-.2-.5.6-.5 1.4-.1 2l3.6 5.5c1 1.6 2.7 2.7 4.8 2.7 2.8 0 5-2.2 5-5.5V14'],
  background: ['M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z', 'M8 12h8'],
  fast: ['M13 3 5.5 13.5H11L10 21l8-11h-5.5z'],
  undo: ['M8.5 5 4 9.5 8.5 14', 'M4.5 9.5H14a5.5 5.5 0 0 1 0 11h-3'],
  redo: ['M15.5 5 20 9.5 15.5 14', 'M19.5 9.5H10a5.5 5.5 0 0 0 0 11h3'],
  zoomIn: ['M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z', 'M15.5 15.5 20.5 20.5', 'M10.5 7.8v5.4M7.8 10.5h5.4'],
  zoomOut: ['M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z', 'M15.5 15.5 20.5 20.5', 'M7.8 10.5h5.4'],
  fit: ['M4 9V4h5', 'M15 4h5v5', 'M20 15v5h-5', 'M9 20H4v-5'],
  bell: ['M12 3.5a6 6 0 0 0-6 6c0 5-2.25 6-2.25 7.5h16.5C20.25 15.5 18 14.5 18 9.5a6 6 0 0 0-6-6z', 'M9.75 20a2.4 2.4 0 0 0 4.5 0'],
  help: ['M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z', 'M9.6 9.6a2.5 2.5 0 0 1 4.9.6c0 1.7-2.5 2-2.5 3.6', 'M12 16.6v.1'],
  check: ['M5 12.5 10 17.5 19.5 7'],
  cross: ['M6 6 18 18', 'M18 6 6 18'],
  merge: ['M9.5 6.5a5.5 5.5 0 1 0 0 11c1 0 1.8-.2 2.5-.6', 'M14.5 6.5a5.5 5.5 0 1 1 0 11c-1 0-1.8-.2-2.5-.6', 'M9.5 6.5c1 0 1.8 .2 2.5 .6M14.5 6.5c-1 0-1.8 .2-2.5 .6'],
  fillHoles: ['M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z', 'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z!'],
  smooth: ['M3.5 15.5c3.5 0 3.5-7 7-7s4 7 10 7'],
  grow: ['M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z', 'M12 5V2M12 22v-3M5 12H2M22 12h-3'],
  shrink: ['M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z', 'M12 2.5v4M10 5l2 2 2-2M12 21.5v-4M10 19l2-2 2 2M2.5 12h4M5 10l2 2-2 2M21.5 12h-4M19 10l-2 2 2 2'],
  duplicate: ['M9.5 9.5h10v10h-10z', 'M6 14.5H4.5v-10h10V6'],
  trash: ['M4.5 6.5h15', 'M9 6.5V4h6v2.5', 'M6.5 6.5 7.5 20h9l1-13.5', 'M10.2 10.5v6M13.8 10.5v6'],
  again: ['M19.5 12a7.5 7.5 0 1 1-2.3-5.4', 'M19.5 3.5v4h-4'],
  back: ['M14.5 5.5 8 12l6.5 6.5'],
  forward: ['M9.5 5.5 16 12l-6.5 6.5'],
  side: ['M4 5h16v14H4z', 'M14.5 5v14'],
  accept: ['M3.5 12.5 7.5 16.5 14.5 8.5', 'M12 16.5l1 1L20.5 8.5'],
};

/** They point along the line of reading, and turn round with it. */
const POINTS_ONWARD = new Set(['back', 'forward', 'side', 'undo', 'redo']);

/** @typedef {keyof typeof STROKES} IconName */

/** @param {IconName} name @returns {SVGSVGElement} hidden from assistive technology: buttons have names */
export function icon(name) {
  const svg = document.createElementNS(NAMESPACE, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `icon ${POINTS_ONWARD.has(name) ? 'onward' : ''}`);
  for (const stroke of STROKES[name]) {
    const path = document.createElementNS(NAMESPACE, 'path');
    path.setAttribute('d', stroke.replace('!', ''));
    if (stroke.endsWith('!')) path.setAttribute('class', 'filled');
    svg.append(path);
  }
  return svg;
}
