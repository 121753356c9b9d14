import { strokeTool } from './stroke.js';

/** @param {import('./tools.js').Context} context */
export const brushTool = (context) => strokeTool(context, false);
