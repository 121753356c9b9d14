import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MASK_STYLES, nextOf, paintOf } from '../../src/appearance/mask_style.js';

test('whatever the style and the opacity, something of a mask is seen', () => {
  fc.assert(
    fc.property(fc.constantFrom(...MASK_STYLES), fc.double({ min: 0, max: 1, noNaN: true }), (style, opacity) => {
      const { fill, outline } = paintOf(style, opacity);
      expect(outline || fill > 0.1).toBe(true);
      expect(outline).toBe(style !== 'fill');
      if (style === 'outline') expect(fill).toBe(0);
    }),
  );
});

test('going round the styles shows each of them', () => {
  const seen = MASK_STYLES.map((_, k) => {
    let style = MASK_STYLES[0];
    for (let n = 0; n < k; n++) style = nextOf(MASK_STYLES, style);
    return style;
  });
  expect(seen).toEqual([...MASK_STYLES]);
  expect(nextOf(MASK_STYLES, MASK_STYLES[MASK_STYLES.length - 1])).toBe(MASK_STYLES[0]);
});
