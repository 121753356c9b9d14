import { expect, test, vi } from 'vitest';
import { createModel } from '../../src/inference/model.js';

const mask = (count) => Float32Array.from({ length: 400 }, (_, k) => (k < count ? 4 : -4));
const settle = () => new Promise((resolve) => setTimeout(resolve));

let clock = 0;
/** An engine that takes so long and answers with so many pixels. */
const engine = (name, time, count, score = 0.9) => ({
  name,
  run: vi.fn(async () => {
    clock += time;
    return { logits: mask(count), score };
  }),
  release: vi.fn(async () => {}),
});
const modelOf = (reference, openRival) => createModel(reference, openRival, () => clock);

test('another engine takes over once it has given the same mask, sooner', async () => {
  const [reference, rival] = [engine('wasm', 40, 300), engine('webgpu', 5, 300)];
  const model = modelOf(reference, async () => rival);
  expect(rival.run).not.toHaveBeenCalled();
  await model.run({});
  await settle();
  expect(model.engine).toBe('webgpu');
  await model.run({});
  expect(reference.run).toHaveBeenCalledOnce();
});

test.each([
  ['gives another mask', 5, 296],
  ['gives none', 5, 0],
  ['is no faster', 40, 300],
  ['gives another score', 5, 300, 0.6],
  ['gives no score', 5, 300, NaN],
])('an engine that %s is let go', async (_, time, count, score) => {
  const [reference, rival] = [engine('wasm', 40, 300), engine('webgpu', time, count, score)];
  const model = modelOf(reference, async () => rival);
  await model.run({});
  await settle();
  expect(model.engine).toBe('wasm');
  expect(rival.release).toHaveBeenCalledOnce();
});

test('it is tried once, on an answer that has a mask', async () => {
  const reference = engine('wasm', 40, 0);
  const openRival = vi.fn(async () => null);
  const model = modelOf(reference, openRival);
  await model.run({});
  expect(openRival).not.toHaveBeenCalled();
  reference.run.mockImplementation(async () => ({ logits: mask(300), score: 0.9 }));
  await model.run({});
  await model.run({});
  expect(openRival).toHaveBeenCalledOnce();
});

test('an engine that fails at the start, or later, is done without', async () => {
  const [reference, rival] = [engine('wasm', 40, 300), engine('webgpu', 5, 300)];
  const broken = modelOf(reference, async () => {
    throw new Error('no device');
  });
  await broken.run({});
  await settle();
  expect(broken.engine).toBe('wasm');

  const model = modelOf(reference, async () => rival);
  await model.run({});
  await settle();
  rival.run.mockRejectedValue(new Error('device lost'));
  expect(await model.run({})).toMatchObject({ score: 0.9 });
  expect(model.engine).toBe('wasm');
});
