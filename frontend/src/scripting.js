/**
 * The page's scripting surface, `window.sppnet`: where things are on the screen and what there is.
 * It reads; to act, use the page.
 * @param {{
 *   store: import('./store/store.js').Store, stage: import('./canvas/stage.js').Stage,
 *   picker: import('./canvas/picker.js').Picker,
 *   decoder: import('./inference/local_decoder.js').LocalDecoder,
 * }} parts
 */
export function publishScripting({ store: { annotations, proposals, session, view }, stage, picker, decoder }) {
  const sppnet = {
    /** @param {number} x @param {number} y image pixels @returns client pixels */
    imageToScreen: (x, y) => stage.toClient({ x, y }),
    /** @param {number} x @param {number} y client pixels @returns image pixels */
    screenToImage: (x, y) => stage.fromClient({ x, y }),
    get ready() {
      return session.get().phase === 'ready';
    },
    /** Whether every mask of the image has come from the server and is ready to be drawn. */
    get complete() {
      const { arriving, phase } = session.get();
      return phase === 'ready' && !arriving && stage.load.waiting === 0;
    },
    /** @returns what masks take of the graphics processor's memory, in bytes */
    get graphicsMemory() {
      return stage.load.bytes;
    },
    /** @returns {'webgl' | 'canvas'} what draws the masks */
    get drawing() {
      return session.get().drawing;
    },
    /** @param {number} x @param {number} y image pixels @returns the id of the mask there, or null */
    maskAt: (x, y) => picker.maskAt({ x, y })?.id ?? null,
    get imageId() {
      return session.get().image?.id ?? null;
    },
    get tool() {
      return view.get().tool;
    },
    get user() {
      return session.get().user?.id ?? null;
    },
    /** @returns {'mine' | 'theirs' | 'none'} who has the image, as far as is known */
    get lease() {
      const { mine, holder } = session.get().lease;
      return mine ? 'mine' : holder ? 'theirs' : 'none';
    },
    get saveState() {
      return session.get().save.state;
    },
    /** @returns {'none' | 'loading' | 'ready' | 'off'} whether this browser answers clicks itself */
    get decoder() {
      return decoder.state;
    },
    /** @returns {number | null} the checkpoint that answers clicks in this browser */
    get checkpoint() {
      return decoder.checkpoint;
    },
    /** @returns {'wasm' | 'wasm-threads' | 'webgpu' | null} what has decoded here last */
    get engine() {
      return decoder.engine;
    },
    /**
     * What a click would give, decoded here.
     * @param {number} x @param {number} y image pixels
     * @returns {Promise<import('./geometry/rle.js').Shape | null>} null: no nucleus, or not decoded here
     */
    preview: async (x, y) => (await decoder.preview({ x, y }))?.shape ?? null,
    /** As in the API, less what only the server knows. */
    get masks() {
      return structuredClone([...annotations.masks.values()]);
    },
    get pendings() {
      return structuredClone([...annotations.pendings.values()]);
    },
    /** Those that are shown at the present score. */
    get proposals() {
      return structuredClone(proposals.visible(view.get().minScore));
    },
  };
  Object.assign(window, { sppnet: Object.freeze(sppnet) });
}
