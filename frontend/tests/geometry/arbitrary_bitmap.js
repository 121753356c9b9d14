import fc from 'fast-check';

/** Small bitmaps anywhere in an image of 60×60, empty ones among them. */
export const bitmaps = fc
  .record({
    x: fc.integer({ min: 0, max: 40 }),
    y: fc.integer({ min: 0, max: 40 }),
    w: fc.integer({ min: 1, max: 18 }),
    h: fc.integer({ min: 1, max: 18 }),
  })
  .chain(({ x, y, w, h }) =>
    fc
      .array(fc.constantFrom(0, 1), { minLength: w * h, maxLength: w * h })
      .map((pixels) => ({ x, y, w, h, data: Uint8Array.from(pixels) })),
  );

export const filledBitmaps = bitmaps.filter((bitmap) => bitmap.data.includes(1));

/** @param {import('../../src/geometry/bitmap.js').Bitmap} bitmap @returns {Set<string>} "col,row" */
export function pixelsOf(bitmap) {
  const pixels = new Set();
  bitmap.data.forEach((value, k) => {
    if (value) pixels.add(`${bitmap.x + (k % bitmap.w)},${bitmap.y + Math.floor(k / bitmap.w)}`);
  });
  return pixels;
}
