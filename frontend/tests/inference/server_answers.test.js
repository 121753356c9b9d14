/** The same inputs as in tests/ml/sppnet/browser_cases.py, whose answers are in server_answers.json. */
import { expect, test } from 'vitest';
import { area, intersectionArea } from '../../src/geometry/bitmap.js';
import { decode, encode } from '../../src/geometry/rle.js';
import { samplesOf } from '../../src/geometry/resampling.js';
import { nearestTile } from '../../src/geometry/tiling.js';
import { isTooLarge, maskOf, pointsOf, priorLogits, promptWindow, stretched } from '../../src/inference/prompt_window.js';
import cases from './server_answers.json';

const SIDE = 160;
const clicksOf = (rows) => rows.map(([x, y, positive]) => ({ x, y, positive }));
const at = (window, clicks = []) => ({ left: 0, top: 0, ...window, clicks, positives: clicks.filter((click) => click.positive) });
const here = { x: 0, y: 0, side: SIDE, scale: 1 };
const sizeOf = ([width, height]) => ({ width, height });
const square = (size, value) =>
  Array.from({ length: size * size }, (_, k) => value(k % size, Math.floor(k / size)));

function foreground(kind, size) {
  const data = Uint8Array.from(square(size, (i, j) => {
    const block = kind === 0 ? ((Math.floor(i / 8) + Math.floor(j / 8)) % 2) * 200 : 0;
    return block + ((i * 37 + j * 91 + i * j * 3) % 50);
  }));
  return { maps: { dtype: 'U8', shape: [3, size, size], data } };
}

function logits(kind) {
  return Float32Array.from(square(80, (i, j) => {
    if (kind === 0) return Math.floor(((i - 37) ** 2 + (j - 42) ** 2) / 150) % 2 === 0 ? 5 : -3;
    if (kind === 1) return ((Math.floor(i / 11) * 5 + Math.floor(j / 9) * 3) % 8) - 3.5;
    return ((i * i * 3 + j * j * 5 + i * j * 7) % 64) - 44.5;
  }));
}

test.each(cases.tiles)('the nearest tile answers, the first of equals', ({ tiles, points, chosen }) => {
  const found = points.map(([x, y]) => tiles.indexOf(nearestTile([...tiles].reverse(), { x, y })));
  expect(found).toEqual(chosen);
});

test.each(cases.windows)('the window is $left, $top of $tile', ({ tile, clicks, left, top }) => {
  const window = promptWindow(tile, foreground(1, tile.side / 2), { clicks: clicksOf(clicks) }, SIDE);
  expect(window).toMatchObject({ left, top, x: tile.x + left, y: tile.y + top });
});

test.each(cases.mirrors)('an image $width wide is mirrored in a tile of $side', ({ width, side, left, columns }) => {
  expect([...samplesOf({ at: 0, side, scale: 1 }, left, SIDE, width).at]).toEqual(columns);
});

test.each(cases.levels)('black and white of $levels are stretched', ({ levels, shown }) => {
  expect([...stretched(levels)].map((value) => Math.round(value * 255))).toEqual(shown);
});

test.each(cases.backgrounds)('the background click is at $x, $y', ({ kind, tile, clicks, x, y }) => {
  const window = promptWindow(tile, foreground(kind, tile.side / 2), { clicks: clicksOf(clicks) }, SIDE);
  expect(window.clicks.slice(clicks.length)).toEqual([{ x, y, positive: false }]);
});

test('a background click that is given needs no other', () => {
  const clicks = clicksOf([[50, 50, true], [70, 50, false]]);
  expect(promptWindow({ x: 0, y: 0, side: 224, scale: 1 }, foreground(0, 112), { clicks }, SIDE).clicks).toEqual(clicks);
});

test('a box is its corners and a click in the middle, the clicks that refine it follow', () => {
  const tile = { x: 384, y: 192, side: 448, scale: 1 };
  const box = [500, 300, 540, 331];
  const window = promptWindow(tile, foreground(0, 224), { clicks: clicksOf([[510, 360, false]]), box }, SIDE);
  expect([window.x, window.y]).toEqual([384 + 64, 192 + 48]);
  expect(pointsOf(window)).toEqual({ points: [72, 75.5, 62, 120, 52, 60, 92, 91], labels: [1n, 0n, 2n, 3n] });
  expect(promptWindow(tile, foreground(0, 224), { clicks: [], box }, SIDE).clicks).toHaveLength(1);
});

test('a box is too large when it may not fit a window on the grid', () => {
  expect([[0, 0, 144, 144], [0, 0, 144.5, 9], undefined].map((box) => isTooLarge(box, SIDE, 1))).toEqual([false, true, false]);
  expect([[0, 0, 48, 48], [0, 0, 48.5, 9]].map((box) => isTooLarge(box, SIDE, 3))).toEqual([false, true]);
});

test.each([...cases.priors, ...cases.enlarged.priors])('a mask to refine becomes logits in $window', ({ bbox, counts, window, logits }) => {
  const found = priorLogits(decode({ bbox, counts }), at(window), { width: 450, height: 450 });
  const away = found.map((value, k) => Math.abs(value - (logits[k] ?? -4)));
  expect(Math.max(...away)).toBeLessThan(1e-3);
});

test('no mask to refine is no logits at all', () => {
  expect(new Set(priorLogits(null, at(here), { width: 450, height: 450 }))).toEqual(new Set([0]));
});

test.each(cases.masks)('logits $kind become the clicked nucleus in $size', ({ kind, size, clicks, window, bbox, counts }) => {
  const mask = maskOf(logits(kind), at(window, clicksOf(clicks)), sizeOf(size));
  expect(encode(mask)).toMatchObject({ bbox, counts });
});

test.each(cases.enlarged.masks)('logits $kind of an enlarged window become the nucleus: $window', ({ kind, size, clicks, window, bbox, counts }) => {
  const found = maskOf(logits(kind), at(window, clicksOf(clicks)), sizeOf(size));
  const expected = decode({ bbox, counts });
  const shared = intersectionArea(found, expected);
  expect(shared / (area(found) + area(expected) - shared)).toBeGreaterThan(0.999);
});

test.each(cases.enlarged.pixels)('$length pixels enlarged $scale times, from $start', ({ scale, length, start, left, shown }) => {
  const { at: from, weight, taps } = samplesOf({ at: start, side: 224, scale }, left, SIDE, length);
  const value = (k) => (k * 37 + Math.floor(k ** 2 / 5)) % 256;
  const found = shown.map((_, k) => {
    let sum = 0;
    for (let tap = k * taps; tap < (k + 1) * taps; tap++) sum += weight[tap] * value(from[tap]);
    return Math.floor(sum + 0.5);
  });
  expect(Math.max(...found.map((one, k) => Math.abs(one - shown[k])))).toBeLessThanOrEqual(1);
});

test('logits without a nucleus become an empty mask', () => {
  const mask = maskOf(new Float32Array(6400).fill(-1), at(here, clicksOf([[5, 5, true]])), sizeOf([160, 160]));
  expect(encode(mask)).toBeNull();
});
