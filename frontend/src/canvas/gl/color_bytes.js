/** @type {Map<string, [number, number, number]>} */
const known = new Map();

/** @param {string} color like #12ab9f @returns {[number, number, number]} */
export function bytesOf(color) {
  let bytes = known.get(color);
  if (!bytes) {
    const value = parseInt(color.slice(1), 16);
    bytes = [value >> 16, (value >> 8) & 255, value & 255];
    known.set(color, bytes);
  }
  return bytes;
}
