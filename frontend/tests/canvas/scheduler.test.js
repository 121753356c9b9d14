import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createScheduler } from '../../src/canvas/scheduler.js';

describe('the scheduler of frames', () => {
  /** @type {(() => void)[]} */
  let frames;
  /** @type {string[]} */
  let drawn;
  /** @type {ReturnType<typeof createScheduler>} */
  let scheduler;

  /** Lets one frame pass. @returns {string[]} what was drawn in it */
  function frame() {
    drawn = [];
    frames.splice(0).forEach((run) => run());
    return drawn;
  }

  beforeEach(() => {
    frames = [];
    vi.stubGlobal('requestAnimationFrame', (/** @type {() => void} */ run) => frames.push(run));
    scheduler = createScheduler();
    for (const name of ['below', 'above']) scheduler.add(name, () => void drawn.push(name));
  });

  it('draws a layer once a frame, however often it is asked for', () => {
    scheduler.request('below');
    scheduler.request('below');
    expect(frame()).toEqual(['below']);
    expect(frame()).toEqual([]);
  });

  it('lets what may wait follow in the next frame', () => {
    scheduler.requestLate('below');
    scheduler.request('above');
    expect(frame()).toEqual(['above']);
    expect(frame()).toEqual(['below']);
    expect(frame()).toEqual([]);
  });

  it('does not draw again late what was drawn in time', () => {
    scheduler.requestLate('below');
    scheduler.request('below');
    expect(frame()).toEqual(['below']);
    expect(frame()).toEqual([]);
  });
});
