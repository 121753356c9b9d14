import { BoxIndex } from '../geometry/box_index.js';
import { isCovered } from '../geometry/hit_test.js';
import { bitmapOf } from './shapes.js';

/** @typedef {import('../geometry/rle.js').Shape & {score: number}} Proposal */
/** @typedef {import('./annotations.js').Annotations} Annotations */

/** By which it is known again when the same model proposes it again. @param {import('../geometry/rle.js').Shape} proposal */
export const keyOf = ({ bbox, counts }) => `${bbox} ${counts}`;

/** What the model proposes for the whole image, without what people's masks already say. */
export class Proposals {
  /** @type {Proposal[]} */
  items = [];
  /** @type {string | null} the prompt that was answered with them */
  promptId = null;
  /** @type {'none' | 'thinking' | 'ready' | 'failed'} */
  status = 'none';
  #annotations;
  /** @type {string[]} */
  #keys = [];
  /** @type {BoxIndex<{bbox: Proposal['bbox'], index: number}>} */
  #places = new BoxIndex();
  /** @type {Map<string, number[]>} mask or pending id → indices of the proposals it covers */
  #covering = new Map();
  /** @type {number[]} how many masks cover each proposal */
  #covered = [];
  /** @type {Set<(changed: number[] | null) => void>} */
  #listeners = new Set();

  /** @param {Annotations} annotations */
  constructor(annotations) {
    this.#annotations = annotations;
    annotations.on(({ patches }) => {
      if (!this.items.length) return;
      const changed = patches.flatMap(({ id }) => this.#recount(id));
      // A rejection names proposals by what they are, not by where they stand.
      if (patches.some(({ kind }) => kind === 'rejection')) this.#tell(null);
      else if (changed.length) this.#tell(changed);
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
    this.#keys = items.map(keyOf);
    this.#places.clear();
    items.forEach(({ bbox }, index) => this.#places.set(index, { bbox, index }));
    this.#covering.clear();
    this.#covered = items.map(() => 0);
    for (const id of this.#annotations.masks.keys()) this.#recount(id);
    for (const id of this.#annotations.pendings.keys()) this.#recount(id);
    this.#tell(null);
  }

  /** @returns {number} of these proposals that the person rejected */
  get rejected() {
    const { rejections } = this.#annotations;
    return rejections.size && this.#keys.filter((key) => rejections.has(key)).length;
  }

  /** @param {number} minScore @returns {Proposal[]} worth showing */
  visible(minScore) {
    return this.items.filter((_, i) => this.isVisible(i, minScore));
  }

  /**
   * @param {import('../geometry/bitmap.js').Box} box @param {number} minScore
   * @returns {Proposal[]} worth showing in that part of the image
   */
  visibleIn(box, minScore) {
    const found = this.#places.search(box).filter(({ index }) => this.isVisible(index, minScore));
    return found.map(({ index }) => this.items[index]);
  }

  /** @param {number} index of an item @param {number} minScore @returns {boolean} worth showing */
  isVisible(index, minScore) {
    if (this.#covered[index] || this.#annotations.rejections.has(this.#keys[index])) return false;
    return this.items[index].score >= minScore;
  }

  /**
   * @param {(changed: number[] | null) => void} listener  is told which ones may be worth showing now, or no
   *   longer, by their places among the items; null: any of them
   * @returns {() => void}
   */
  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * @param {string} id of a mask, a pending one, or one that refines the other
   * @returns {number[]} the proposals that it covers, or covered before
   */
  #recount(id) {
    const before = this.#covering.get(id) ?? [];
    for (const i of before) this.#covered[i] -= 1;
    this.#covering.delete(id);
    const shape = this.#annotations.pendings.get(id)?.shape ?? this.#annotations.masks.get(id);
    if (!shape) return before;
    /** @type {number[]} */
    const covers = [];
    for (const { index } of this.#places.search(shape.bbox)) {
      const item = this.items[index];
      if (isCovered(bitmapOf(item), item.area, bitmapOf(shape), shape.area)) covers.push(index);
    }
    for (const i of covers) this.#covered[i] += 1;
    if (covers.length) this.#covering.set(id, covers);
    return [...before, ...covers];
  }

  /** @param {number[] | null} changed */
  #tell(changed) {
    for (const listener of [...this.#listeners]) listener(changed);
  }
}
