import { expect, test } from 'vitest';
import { halfValues, parseSafetensors } from '../../src/inference/safetensors.js';

function file(tensors, data) {
  const header = new TextEncoder().encode(JSON.stringify(tensors));
  const bytes = new Uint8Array(8 + header.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(data, 8 + header.length);
  return bytes.buffer;
}

test.each(['', ' '])('tensors are found by name, wherever they begin', (padding) => {
  const parsed = parseSafetensors(
    file(
      {
        __metadata__: { note: padding },
        a: { dtype: 'F16', shape: [1, 2], data_offsets: [0, 4] },
        b: { dtype: 'U8', shape: [3], data_offsets: [4, 7] },
      },
      [0x00, 0x3c, 0x00, 0xc0, 7, 8, 9],
    ),
  );
  expect([...parsed.a.data].map((bits) => halfValues()[bits])).toEqual([1, -2]);
  expect(parsed.a.shape).toEqual([1, 2]);
  expect([...parsed.b.data]).toEqual([7, 8, 9]);
});

test('a file that is cut short is refused', () => {
  const whole = file({ a: { dtype: 'U8', shape: [4], data_offsets: [0, 4] } }, [1, 2, 3, 4]);
  expect(() => parseSafetensors(whole.slice(0, -1))).toThrow(RangeError);
  expect(() => parseSafetensors(whole.slice(0, 20))).toThrow(RangeError);
});

test.each([[0x0001, 2 ** -24], [0x03ff, 1023 * 2 ** -24], [0x3555, 0.333251953125], [0x7bff, 65504], [0xfc00, -Infinity]])(
  'half precision %i is %d',
  (bits, value) => expect(halfValues()[bits]).toBe(value),
);
