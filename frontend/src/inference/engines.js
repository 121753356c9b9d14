/** ONNX Runtime in this browser. Everything comes from our own origin. */
import * as ort from 'onnxruntime-web/wasm';
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import mjs from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import gpuWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import gpuMjs from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import { download } from './download.js';

/** @typedef {import('./model.js').Engine} Engine */
/** @typedef {import('./model.js').EngineName} EngineName */

const MOST_THREADS = 4;
// One core stays free for the page.
const cores = Math.max(1, (navigator.hardwareConcurrency || 1) - 1);
ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(MOST_THREADS, cores) : 1;
ort.env.wasm.wasmPaths = { wasm, mjs };

/**
 * WebAssembly, with threads where the page is cross-origin isolated: any browser of these years.
 * @param {ArrayBuffer} file the decoder as ONNX @returns {Promise<Engine>}
 * @throws {import('./download.js').DownloadFailed | Error} the latter where there is no WebAssembly
 */
export async function openWasm(file) {
  // The runtime never recovers from a download that broke off: it finds these in the browser's cache.
  await Promise.all([download(wasm), download(mjs)]);
  const name = /** @type {number} */ (ort.env.wasm.numThreads) > 1 ? 'wasm-threads' : 'wasm';
  const session = await ort.InferenceSession.create(file, { executionProviders: ['wasm'] });
  const engine = engineOf(ort, session, name);
  // The first run is slow, and nobody waits for this one.
  await engine.run(exampleFor(session));
  return engine;
}

/**
 * @param {ArrayBuffer} file the decoder as ONNX
 * @returns {Promise<Engine | null>} null: there is no graphics processor, or none but a program that
 *   pretends to be one
 */
export async function openWebGpu(file) {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter || adapter.info.isFallbackAdapter) return null;
  const gpu = await import('onnxruntime-web/webgpu');
  gpu.env.wasm.numThreads = 1;
  gpu.env.wasm.wasmPaths = { wasm: gpuWasm, mjs: gpuMjs };
  const options = { executionProviders: ['webgpu'] };
  return engineOf(gpu, await gpu.InferenceSession.create(file, options), 'webgpu');
}

/** @param {ort.InferenceSession} session @returns {import('./model.js').Inputs} zeros of the shapes that it takes */
function exampleFor(session) {
  /** @type {import('./model.js').Inputs} */
  const inputs = {};
  for (const input of session.inputMetadata) {
    if (!input.isTensor) continue;
    const dims = input.shape.map((length) => (typeof length === 'number' ? length : 1));
    const size = dims.reduce((a, b) => a * b);
    inputs[input.name] = { data: input.type === 'int64' ? new BigInt64Array(size) : new Float32Array(size), dims };
  }
  return inputs;
}

/**
 * @param {Pick<typeof ort, 'Tensor'>} runtime @param {ort.InferenceSession} session @param {EngineName} name
 * @returns {Engine}
 */
function engineOf({ Tensor }, session, name) {
  return {
    name,
    async run(inputs) {
      /** @type {Record<string, ort.Tensor>} */
      const feeds = {};
      for (const [input, { data, dims }] of Object.entries(inputs)) {
        feeds[input] = new Tensor(data instanceof Float32Array ? 'float32' : 'int64', data, dims);
      }
      const { logits, score } = await session.run(feeds);
      return { logits: /** @type {Float32Array} */ (logits.data), score: Number(score.data[0]) };
    },
    release: () => session.release(),
  };
}
