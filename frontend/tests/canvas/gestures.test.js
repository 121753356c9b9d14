import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createGestures } from '../../src/canvas/gestures.js';

let log;
let draws;
let taps;
let panning;
let gestures;
beforeEach(() => {
  vi.useFakeTimers();
  [log, draws, taps, panning] = [[], false, true, false];
  gestures = createGestures({
    panning: () => panning,
    canTap: () => taps,
    tap: (at, how) => log.push(`tap ${at.x},${at.y}${how.background ? ' background' : ''}${how.shift ? ' shift' : ''}`),
    press: (at) => draws && (log.push(`press ${at.x},${at.y}`), true),
    drag: (passed) => log.push(`drag ${passed.map((p) => `${p.x},${p.y}`).join(' ')}`),
    release: () => log.push('release'),
    cancel: () => log.push('cancel'),
    pan: (dx, dy) => log.push(`pan ${dx},${dy}`),
    pinch: (dx, dy, factor, at) => log.push(`pinch ${dx},${dy} ×${factor} at ${at.x},${at.y}`),
  });
});
afterEach(() => vi.useRealTimers());

const event = (kind, id, x, y, more = {}) => ({ kind, id, at: { x, y }, ...more });
const down = (kind, id, x, y, more) => gestures.down(event(kind, id, x, y, more));
const move = (kind, id, x, y, more) => gestures.move(event(kind, id, x, y, more));
const up = (kind, id, x, y, more) => gestures.up(event(kind, id, x, y, more));

test.each(['mouse', 'pen', 'touch'])('a %s that goes down and up in place taps', (kind) => {
  down(kind, 1, 50, 50);
  move(kind, 1, 52, 51);
  up(kind, 1, 52, 51);
  expect(log).toHaveLength(1);
  expect(log[0]).toMatch(/^tap 5[02],5[01]$/);
});

test('the right button and Alt tap background, Shift adds', () => {
  down('mouse', 1, 5, 5, { button: 2 });
  up('mouse', 1, 5, 5, { button: 2 });
  down('mouse', 1, 5, 5, { alt: true, shift: true });
  up('mouse', 1, 5, 5);
  expect(log).toEqual(['tap 5,5 background', 'tap 5,5 background shift']);
});

test('a finger that rests is the right button, once', () => {
  down('touch', 1, 9, 9);
  vi.advanceTimersByTime(600);
  move('touch', 1, 60, 60);
  up('touch', 1, 60, 60);
  expect(log).toEqual(['tap 9,9 background']);
});

test('a drag moves the image when the tool does not draw', () => {
  down('touch', 1, 0, 0);
  move('touch', 1, 30, 0);
  vi.advanceTimersByTime(600);
  move('touch', 1, 35, 4);
  up('touch', 1, 35, 4);
  expect(log).toEqual(['pan 30,0', 'pan 5,4']);
});

test('a mouse draws from the first moment, a finger once it leaves its place', () => {
  draws = true;
  down('mouse', 1, 0, 0);
  move('mouse', 1, 1, 0, { passed: [{ x: 0.5, y: 0 }, { x: 1, y: 0 }] });
  up('mouse', 1, 1, 0);
  expect(log).toEqual(['press 0,0', 'drag 0.5,0 1,0', 'release']);
  log.length = 0;
  down('touch', 2, 0, 0);
  move('touch', 2, 5, 0);
  expect(log).toEqual([]);
  move('touch', 2, 20, 0);
  up('touch', 2, 20, 0);
  expect(log).toEqual(['press 0,0', 'drag 20,0', 'release']);
});

test('a tap with the brush is a dot', () => {
  [draws, taps] = [true, false];
  down('touch', 1, 7, 7);
  up('touch', 1, 7, 7);
  expect(log).toEqual(['press 7,7', 'release']);
});

test('two fingers move and zoom, and leave no dot behind', () => {
  draws = true;
  down('touch', 1, 0, 0);
  down('touch', 2, 100, 0);
  move('touch', 2, 200, 0);
  move('touch', 1, 0, 20);
  up('touch', 1, 0, 20);
  move('touch', 2, 300, 0);
  up('touch', 2, 300, 0);
  expect(log[0]).toBe('pinch 50,0 ×2 at 100,0');
  expect(log.filter((line) => !line.startsWith('pinch'))).toEqual([]);
  down('touch', 3, 5, 5);
  up('touch', 3, 5, 5);
  expect(log.slice(-2)).toEqual(['press 5,5', 'release']);
});

test('a second finger takes back the line that the first has begun', () => {
  draws = true;
  down('touch', 1, 0, 0);
  move('touch', 1, 50, 0);
  down('touch', 2, 90, 0);
  up('touch', 2, 90, 0);
  up('touch', 1, 50, 0);
  expect(log).toEqual(['press 0,0', 'drag 50,0', 'cancel']);
});

test('once a pen was seen, it draws and fingers only move the image', () => {
  draws = true;
  gestures.hover('pen');
  down('touch', 1, 0, 0);
  move('touch', 1, 40, 0);
  up('touch', 1, 40, 0);
  down('touch', 1, 0, 0);
  vi.advanceTimersByTime(600);
  up('touch', 1, 0, 0);
  expect(log).toEqual(['pan 40,0']);
  down('pen', 9, 3, 3);
  up('pen', 9, 3, 3);
  expect(log.slice(1)).toEqual(['press 3,3', 'release']);
});

test('the palm is not heard while the pen is down, nor if it came first', () => {
  draws = true;
  down('touch', 1, 300, 300);
  move('touch', 1, 340, 300);
  down('pen', 9, 3, 3);
  down('touch', 2, 320, 300);
  move('touch', 1, 360, 300);
  move('pen', 9, 9, 9);
  up('touch', 2, 320, 300);
  up('touch', 1, 360, 300);
  up('pen', 9, 9, 9);
  expect(log).toEqual(['press 300,300', 'drag 340,300', 'cancel', 'press 3,3', 'drag 9,9', 'release']);
});

test('the space bar and the middle button move the image in every tool', () => {
  draws = true;
  panning = true;
  down('mouse', 1, 0, 0);
  move('mouse', 1, 3, 0);
  up('mouse', 1, 3, 0);
  panning = false;
  down('mouse', 1, 0, 0, { button: 1 });
  move('mouse', 1, 0, 8);
  up('mouse', 1, 0, 8);
  expect(log).toEqual(['pan 3,0', 'pan 0,8']);
});

test('whatever pointers do, every line is ended once, and all is quiet when none is down', () => {
  const kind = fc.constantFrom('mouse', 'pen', 'touch');
  const step = fc.record({
    what: fc.constantFrom('down', 'move', 'move', 'up', 'cancel', 'wait'),
    id: fc.integer({ min: 1, max: 3 }), kind, x: fc.integer({ min: 0, max: 60 }), y: fc.integer({ min: 0, max: 60 }),
    button: fc.constantFrom(0, 0, 1, 2),
  });
  fc.assert(
    fc.property(fc.boolean(), fc.boolean(), fc.array(step, { maxLength: 40 }), (drawing, tapping, steps) => {
      [draws, taps] = [drawing, tapping];
      log.length = 0;
      for (const { what, kind: of, id, x, y, button } of steps) {
        if (what === 'wait') vi.advanceTimersByTime(600);
        else gestures[what](event(of, id, x, y, { button }));
      }
      for (const id of [1, 2, 3]) gestures.up(event('mouse', id, 0, 0));
      vi.advanceTimersByTime(600);
      expect(gestures.gesture).toBe('none');
      expect(gestures.isDown).toBe(false);
      let open = 0;
      for (const line of log) {
        if (line.startsWith('press')) expect(open++).toBe(0);
        if (line.startsWith('drag')) expect(open).toBe(1);
        if (line === 'release' || line === 'cancel') expect(open--).toBe(1);
      }
      expect(open).toBe(0);
    }),
  );
});
