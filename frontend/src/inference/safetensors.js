/** @typedef {{dtype: string, shape: number[], data: Uint16Array | Uint8Array}} Tensor  F16 as raw bits */

/**
 * @param {ArrayBuffer} buffer a safetensors file: header length, JSON header, raw little-endian data
 * @returns {Record<string, Tensor>} views of the buffer where its alignment allows
 * @throws {RangeError} when it is no such file, or cut short
 */
export function parseSafetensors(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const start = 8 + length;
  if (start > buffer.byteLength) throw new RangeError('The encoding is cut short.');
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  /** @type {Record<string, Tensor>} */
  const tensors = {};
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    if (name === '__metadata__' || (dtype !== 'F16' && dtype !== 'U8')) continue;
    const [from, to] = [start + offsets[0], start + offsets[1]];
    if (to > buffer.byteLength) throw new RangeError('The encoding is cut short.');
    const data = dtype === 'U8' ? new Uint8Array(buffer, from, to - from) : halves(buffer, from, to);
    tensors[name] = { dtype, shape, data };
  }
  return tensors;
}

/** @param {ArrayBuffer} buffer @param {number} from @param {number} to */
function halves(buffer, from, to) {
  if (from % 2) return new Uint16Array(buffer.slice(from, to));
  return new Uint16Array(buffer, from, (to - from) / 2);
}

/** @type {Float32Array | undefined} */
let table;

/** @returns {Float32Array} the value of each of the 65536 half-precision bit patterns */
export function halfValues() {
  table ??= Float32Array.from({ length: 65536 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  return table;
}
