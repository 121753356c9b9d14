import { overlap } from '../geometry/bitmap.js';
import { isCovered } from '../geometry/hit_test.js';
import { bitmapOf } from './shapes.js';

/** @typedef {import('../geometry/rle.js').Shape & {score: number}} Proposal */
/** @typedef {import('./annotations.js').Annotations} Annotations */

/** What the model proposes for the whole image, without what people's masks already say. */
export class Proposals {
  /** @type {Proposal[]} */
  items = [];
  /** @type {string | null} the prompt that was answered with them */
  promptId = null;
  /** @type {'none' | 'thinking' | 'ready' | 'failed'} */
  status = 'none';
  #annotations;
  /** @type {Map<string, number[]>} mask or pending id → indices of the proposals it covers */
  #covering = new Map();
  /** @type {number[]} how many masks cover each proposal */
  #covered = [];
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {Annotations} annotations */
  constructor(annotations) {
    this.#annotations = annotations;
    annotations.on(({ patches }) => {
      if (!this.items.length) return;
      for (const { id } of patches) this.#recount(id);
      this.#tell();
    });
  }

  /**
   * @param {'none' | 'thinking' | 'ready' | 'failed'} status
   * @param {string | null} [promptId] @param {Proposal[]} [items]
   */
  set(status, promptId = null, items = []) {
    this.status = status;
    this.promptId = promptId;
    this.items = items;
    this.#covering.clear();
    this.#covered = items.map(() => 0);
    for (const id of this.#annotations.masks.keys()) this.#recount(id);
    for (const id of this.#annotations.pendings.keys()) this.#recount(id);
    this.#tell();
  }

  /** @param {number} minScore @returns {Proposal[]} worth showing */
  visible(minScore) {
    return this.items.filter((item, i) => !this.#covered[i] && item.score >= minScore);
  }

  /** @param {() => void} listener @returns {() => void} */
  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param {string} id of a mask, a pending one, or one that refines the other */
  #recount(id) {
    for (const i of this.#covering.get(id) ?? []) this.#covered[i] -= 1;
    this.#covering.delete(id);
    const shape = this.#annotations.pendings.get(id)?.shape ?? this.#annotations.masks.get(id);
    if (!shape) return;
    /** @type {number[]} */
    const covers = [];
    this.items.forEach((item, i) => {
      if (!overlap(item.bbox, shape.bbox)) return;
      if (isCovered(bitmapOf(item), item.area, bitmapOf(shape), shape.area)) covers.push(i);
    });
    for (const i of covers) this.#covered[i] += 1;
    if (covers.length) this.#covering.set(id, covers);
  }

  #tell() {
    for (const listener of [...this.#listeners]) listener();
  }
}
