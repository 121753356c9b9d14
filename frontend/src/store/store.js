import { AS_STORED } from '../appearance/adjustments.js';
import { Annotations } from './annotations.js';
import { createComments } from './comments.js';
import { createComparison } from './comparison.js';
import { History } from './history.js';
import { Proposals } from './proposals.js';
import { createReview } from './review.js';
import { createSession } from './session.js';
import { createState } from './state.js';
import { createTimeline } from './timeline.js';
import { createView } from './view.js';

/** @typedef {ReturnType<typeof createStore>} Store */
/** @typedef {import('../appearance/adjustments.js').Adjustments} Adjustments */
/**
 * Of the open image, if it has more to show than its 8-bit rendition.
 * @typedef {{
 *   facts: import('../appearance/channels.js').ChannelFacts[] | null,
 *   shown: import('../appearance/channels.js').ShownChannel[],
 *   state: 'none' | 'loading' | 'ready' | 'rendering' | 'failed', failure: string,
 * }} ChannelsState
 */

/**
 * @param {Partial<import('./view.js').ViewState>} [remembered]
 * @param {Partial<Adjustments>} [adjusted]
 */
export function createStore(remembered, adjusted) {
  const annotations = new Annotations();
  return {
    adjustments: createState(/** @type {Adjustments} */ ({ ...AS_STORED, ...adjusted })),
    annotations,
    channels: createState(/** @type {ChannelsState} */ ({ facts: null, shown: [], state: 'none', failure: '' })),
    comments: createComments(),
    comparison: createComparison(),
    history: new History(annotations),
    proposals: new Proposals(annotations),
    review: createReview(),
    session: createSession(),
    timeline: createTimeline(),
    view: createView(remembered),
  };
}
