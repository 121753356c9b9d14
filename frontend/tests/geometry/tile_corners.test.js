import { expect, test } from 'vitest';
import { ARM, tileCorners } from '../../src/geometry/tile_corners.js';

const image = { width: 1000, height: 800 };
const screen = { width: 500, height: 400 };
const viewport = { scale: 0.5, tx: 10, ty: 20 };

test('each tile has its four corners on the screen, clipped to the image', () => {
  const lines = tileCorners([[600, 400, 448, 0.9]], viewport, image, screen);
  expect(lines.map(([, corner]) => corner)).toEqual([
    { x: 310, y: 220 },
    { x: 510, y: 220 },
    { x: 510, y: 420 },
    { x: 310, y: 420 },
  ]);
  expect(lines[0]).toEqual([{ x: 310 + ARM, y: 220 }, { x: 310, y: 220 }, { x: 310, y: 220 + ARM }]);
});

test('corners of a tile that is small on the screen do not meet', () => {
  const [[end]] = tileCorners([[0, 0, 60, 0.9]], { scale: 0.1, tx: 0, ty: 0 }, image, screen);
  expect(end.x).toBeCloseTo(2);
});

test('what is out of sight has none, nor has a tile that is all of the image', () => {
  expect(tileCorners([[0, 0, 100, 0.9]], { scale: 1, tx: -300, ty: 0 }, image, screen)).toEqual([]);
  expect(tileCorners([[0, 0, 1000, 0.9]], viewport, image, screen)).toEqual([]);
});
