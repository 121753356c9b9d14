/** @typedef {import('./annotations.js').Annotations} Annotations */
/** @typedef {import('./annotations.js').Patch} Patch */

/** Undo and redo of what a person did on this image; what the server said is never replayed. */
export class History {
  /** @type {Patch[][]} */
  #done = [];
  /** @type {Patch[][]} */
  #undone = [];
  #annotations;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {Annotations} annotations */
  constructor(annotations) {
    this.#annotations = annotations;
    annotations.on(({ patches, origin, cause, joins }) => {
      if (origin !== 'local' || cause !== 'edit') return;
      const touches = touching(patches);
      const at = joins ? this.#done.findLastIndex(touches) : -1;
      if (this.#done[at]?.some(({ id }) => id === joins)) {
        this.#done[at] = compose([...this.#done[at], ...patches]);
        if (this.#undone.some(touches)) this.#undone = [];
      } else {
        this.#done.push(patches);
        this.#undone = [];
      }
      this.#tell();
    });
  }

  get canUndo() {
    return this.#done.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  /** @returns {boolean} whether there was a step to undo */
  undo() {
    const patches = this.#done.pop();
    if (!patches) return false;
    this.#undone.push(patches);
    const inverse = patches
      .map((patch) => /** @type {Patch} */ ({ ...patch, before: patch.after, after: patch.before }))
      .reverse();
    this.#annotations.apply({ patches: inverse, origin: 'local', cause: 'undo' });
    this.#tell();
    return true;
  }

  /** @returns {boolean} whether there was a step to redo */
  redo() {
    const patches = this.#undone.pop();
    if (!patches) return false;
    this.#done.push(patches);
    this.#annotations.apply({ patches, origin: 'local', cause: 'redo' });
    this.#tell();
    return true;
  }

  clear() {
    this.#done = [];
    this.#undone = [];
    this.#tell();
  }

  /** @param {() => void} listener @returns {() => void} */
  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell() {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** @param {Patch[]} patches @returns {(step: Patch[]) => boolean} whether a step is about the same rows */
function touching(patches) {
  const ids = new Set(patches.map(({ id }) => id));
  return (step) => step.some(({ id }) => ids.has(id));
}

/** @param {Patch[]} patches @returns {Patch[]} from the first state of each row to its last */
function compose(patches) {
  /** @type {Map<string, Patch>} */
  const rows = new Map();
  for (const patch of patches) {
    const key = `${patch.kind} ${patch.id}`;
    const known = rows.get(key);
    rows.set(key, known ? /** @type {Patch} */ ({ ...patch, before: known.before }) : patch);
  }
  return [...rows.values()].filter(({ before, after }) => before !== after);
}
