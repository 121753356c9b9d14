/** A checkpoint's decoder, run by WebAssembly, or by the graphics processor once that has shown that it is right. */

/** @typedef {{data: Float32Array | BigInt64Array, dims: number[]}} Input */
/** @typedef {Record<string, Input>} Inputs  by the names that the server's export gives them */
/** @typedef {{logits: Float32Array, score: number}} Output */
/** @typedef {'wasm' | 'wasm-threads' | 'webgpu'} EngineName */
/**
 * @typedef {{
 *   name: EngineName, run: (inputs: Inputs) => Promise<Output>, release: () => Promise<unknown>,
 * }} Engine
 */
/** @typedef {ReturnType<typeof createModel>} Model */

/** Two masks that agree less than this are two answers. */
const LEAST_AGREEMENT = 0.99;
/** So much may their scores differ. */
const MOST_SCORE_ERROR = 0.02;

/**
 * @param {Engine} reference that can be trusted
 * @param {() => Promise<Engine | null>} openRival  another engine for the same file; null: there is none
 * @param {() => number} now in milliseconds
 */
export function createModel(reference, openRival, now = () => performance.now()) {
  let engine = reference;
  let tried = false;

  /**
   * The rival answers what the reference has just answered; it takes over if it says the same, sooner.
   * @param {Inputs} inputs @param {Output} answer @param {number} time that the reference took
   */
  async function challenge(inputs, answer, time) {
    const rival = await openRival().catch(() => null);
    if (!rival) return;
    try {
      await rival.run(inputs); // the first run prepares, and is slow
      const start = now();
      const found = await rival.run(inputs);
      const sooner = now() - start < time;
      const alike = Math.abs(found.score - answer.score) <= MOST_SCORE_ERROR; // a NaN is not
      if (sooner && alike && agreement(found.logits, answer.logits) >= LEAST_AGREEMENT) engine = rival;
    } finally {
      if (engine !== rival) void rival.release();
    }
  }

  /** @param {Inputs} inputs @returns {Promise<Output>} */
  async function refer(inputs) {
    const start = now();
    const answer = await reference.run(inputs);
    const time = now() - start;
    if (!tried && answer.logits.some((value) => value > 0)) {
      tried = true;
      void challenge(inputs, answer, time).catch(() => {});
    }
    return answer;
  }

  return {
    get engine() {
      return engine.name;
    },

    /** @param {Inputs} inputs @returns {Promise<Output>} */
    run(inputs) {
      if (engine === reference) return refer(inputs);
      const rival = engine;
      return rival.run(inputs).catch(() => {
        // Graphics processors are taken away when a computer sleeps, or needs them elsewhere.
        engine = reference;
        void rival.release().catch(() => {});
        return reference.run(inputs);
      });
    },

    async release() {
      const rival = engine === reference ? null : engine;
      await Promise.allSettled([reference.release(), rival?.release()]);
    },
  };
}

/** @param {Float32Array} a logits @param {Float32Array} b @returns {number} IoU of their masks */
function agreement(a, b) {
  let [both, either] = [0, 0];
  for (let k = 0; k < a.length; k++) {
    both += a[k] > 0 && b[k] > 0 ? 1 : 0;
    either += a[k] > 0 || b[k] > 0 ? 1 : 0;
  }
  return either ? both / either : 1;
}
