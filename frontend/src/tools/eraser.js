import { strokeTool } from './stroke.js';

/** @param {import('./tools.js').Context} context */
export const eraserTool = (context) => strokeTool(context, true);
