/**
 * The page's scripting surface, `window.sppnet`: where things are on the screen and what there is.
 * It reads; to act, use the page.
 * @param {{
 *   store: import('./store/store.js').Store, stage: import('./canvas/stage.js').Stage,
 *   decoder: import('./inference/local_decoder.js').LocalDecoder,
 * }} parts
 */
export function publishScripting({ store: { annotations, proposals, session, view }, stage, decoder }) {
  const sppnet = {
    /** @param {number} x @param {number} y image pixels @returns client pixels */
    imageToScreen: (x, y) => stage.toClient({ x, y }),
    /** @param {number} x @param {number} y client pixels @returns image pixels */
    screenToImage: (x, y) => stage.fromClient({ x, y }),
    get ready() {
      return session.get().phase === 'ready';
    },
    get imageId() {
      return session.get().image?.id ?? null;
    },
    get tool() {
      return view.get().tool;
    },
    get saveState() {
      return session.get().save.state;
    },
    /** @returns {'none' | 'loading' | 'ready' | 'off'} whether this browser answers clicks itself */
    get decoder() {
      return decoder.state;
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
