import { expect, test } from 'vitest';
import { createBuildQueue } from '../../src/canvas/gl/build_queue.js';

test('a frame builds no longer than its budget, and the next ones the rest, in order', () => {
  let time = 0;
  const built = [];
  const queue = createBuildQueue((key) => {
    built.push(key);
    time += 1;
  }, () => time);
  for (let k = 0; k < 50; k++) queue.add(k, {});
  expect(queue.work()).toBe(true);
  expect(built.length).toBeGreaterThan(0);
  expect(built.length).toBeLessThan(20);
  while (queue.work());
  expect(built).toEqual([...Array(50).keys()]);
});

test('only the latest state is built, and nothing that is gone', () => {
  const built = [];
  const queue = createBuildQueue((key, row) => built.push([key, row]), () => 0);
  queue.add('a', 1);
  queue.add('b', 1);
  queue.add('a', 2);
  queue.drop('b');
  expect(queue.work()).toBe(false);
  expect(built).toEqual([['a', 2]]);
});
