import { Annotations } from './annotations.js';
import { History } from './history.js';
import { Proposals } from './proposals.js';
import { createSession } from './session.js';
import { createView } from './view.js';

/** @typedef {ReturnType<typeof createStore>} Store */

/** @param {Partial<import('./view.js').ViewState>} [remembered] */
export function createStore(remembered) {
  const annotations = new Annotations();
  return {
    annotations,
    history: new History(annotations),
    proposals: new Proposals(annotations),
    session: createSession(),
    view: createView(remembered),
  };
}
