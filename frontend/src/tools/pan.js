/** A tool that answers nothing: every drag moves the image. @returns {import('./tools.js').Tool} */
export const panTool = () => ({ tap() {} });
