import { asRendered, isAsRendered, moved, rangeOf } from '../appearance/channels.js';
import { gettext } from '../i18n.js';
import { checkbox, slider } from './controls.js';
import { element, setText } from './element.js';

/** @typedef {import('../appearance/channels.js').ChannelFacts} ChannelFacts */
/** @typedef {import('../appearance/channels.js').ShownChannel} ShownChannel */

/**
 * The channels of an image that has more to show than eight bits of red, green and blue.
 * @param {import('../store/store.js').Store} store
 */
export function createViewChannels({ channels, session }) {
  const list = element('div', { class: 'channel-list' });
  const state = element('p', { class: 'muted small', role: 'status', 'data-testid': 'channels-state' });
  const reset = element('button', {
    type: 'button', class: 'button small', text: gettext('Windows as stored'), 'data-testid': 'reset-channels',
    onclick() {
      const { facts } = channels.get();
      if (facts) channels.set({ shown: asRendered(facts) });
    },
  });
  const group = element(
    'div',
    { class: 'channels', role: 'group', 'aria-label': gettext('Channels of the image'), 'data-testid': 'channels' },
    list, state, element('div', { class: 'actions' }, reset),
  );
  /** @type {ReturnType<typeof channelRow>[]} */
  let rows = [];
  /** @type {ChannelFacts[] | null} */
  let listed = null;

  /** @param {number} index @param {(channel: ShownChannel) => ShownChannel} changed */
  function change(index, changed) {
    channels.set({ shown: channels.get().shown.map((channel, k) => (k === index ? changed(channel) : channel)) });
  }

  function update() {
    const { facts, shown, state: now, failure } = channels.get();
    group.hidden = !session.get().image?.channels_url;
    if (facts !== listed) {
      listed = facts;
      rows = (facts ?? []).map((one, k) => channelRow(one, k, (changed) => change(k, changed)));
      list.replaceChildren(...rows.map(({ row }) => row));
    }
    rows.forEach((row, k) => row.update(shown[k]));
    reset.hidden = !facts || isAsRendered(shown, facts);
    setText(state, now === 'failed' ? `${STATES.failed} ${failure}` : STATES[now]);
    state.hidden = !STATES[now];
  }

  channels.on(update);
  session.on((now, before) => {
    if (now.image !== before.image) update();
  });
  update();
  return group;
}

const STATES = {
  none: '',
  loading: gettext('Reading the channels…'),
  rendering: gettext('Rendering…'),
  ready: '',
  failed: gettext('The channels cannot be shown; the image is as it was.'),
};

/** @param {ChannelFacts} facts @param {number} index @param {(changed: (channel: ShownChannel) => ShownChannel) => void} change */
function channelRow(facts, index, change) {
  const name = facts.name || gettext('Channel %(number)s', { number: index + 1 });
  const { least, most, step } = rangeOf(facts);
  const shown = checkbox({ label: name, testid: `channel-${index}`, change: (on) => change((channel) => ({ ...channel, on })) });
  const color = element('input', {
    type: 'color', 'aria-label': gettext('Colour of %(channel)s', { channel: name }), 'data-testid': `channel-color-${index}`,
    oninput: () => change((channel) => ({ ...channel, color: color.value })),
  });
  const edge = (/** @type {'black' | 'white'} */ which, /** @type {string} */ label) => {
    const control = slider({
      label, testid: `channel-${which}-${index}`, min: least, max: most, step,
      change: (value) => change((channel) => moved(channel, which, value, facts)),
    });
    control.input.setAttribute('aria-label', `${name}: ${label}`);
    return control;
  };
  const black = edge('black', gettext('Black at'));
  const white = edge('white', gettext('White at'));
  const digits = step >= 1 ? 0 : 3;

  return {
    row: element('div', { class: 'channel' }, element('div', { class: 'channel-head' }, shown.row, color), black.row, white.row),
    /** @param {ShownChannel} channel */
    update(channel) {
      shown.update(channel.on);
      color.value = channel.color;
      black.update(channel.black, channel.black.toFixed(digits));
      white.update(channel.white, channel.white.toFixed(digits));
      black.row.hidden = !channel.on;
      white.row.hidden = !channel.on;
    },
  };
}
