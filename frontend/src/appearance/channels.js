/** Which channels of a deep image are shown, in which colours and between which values. */

/** @typedef {{name: string, least: number, most: number, black: number, white: number}} ChannelFacts */
/** @typedef {{on: boolean, color: string, black: number, white: number}} ShownChannel  color as #rrggbb */

// The first three are as the server renders them; the others wait to be asked for.
const COLORS = ['#ff0000', '#00ff00', '#0000ff', '#00ffff', '#ff00ff', '#ffff00', '#ff8000', '#ffffff'];
const MOST_AT_ONCE = 8;

/** @param {ChannelFacts[]} facts @returns {ShownChannel[]} what the stored 8-bit rendition shows */
export function asRendered(facts) {
  return facts.map(({ black, white }, k) => ({
    on: k < 3,
    color: facts.length === 1 ? '#ffffff' : COLORS[k % COLORS.length],
    black,
    white,
  }));
}

/** @param {any} kept from another image of the dataset @param {ChannelFacts[]} facts @returns {ShownChannel[]} */
export function suited(kept, facts) {
  const usable =
    Array.isArray(kept) &&
    kept.length === facts.length &&
    kept.every((c) => /^#[0-9a-f]{6}$/.test(c?.color) && Number.isFinite(c.black) && c.black < c.white);
  return usable ? kept.map(({ on, color, black, white }) => ({ on: Boolean(on), color, black, white })) : asRendered(facts);
}

/** @param {ShownChannel[]} shown @param {ChannelFacts[]} facts @returns {boolean} */
export const isAsRendered = (shown, facts) => JSON.stringify(shown) === JSON.stringify(asRendered(facts));

/** @param {ShownChannel[]} shown @returns {string} as the server is asked for it */
export const wishOf = (shown) =>
  shown
    .map(({ on, color, black, white }, k) => (on ? `${k}:${decimal(black)}:${decimal(white)}:${color.slice(1)}` : ''))
    .filter(Boolean)
    .slice(0, MOST_AT_ONCE)
    .join(',');

/** @param {ChannelFacts} facts @returns {{least: number, most: number, step: number}} of a slider */
export function rangeOf({ least, most, black, white }) {
  const [low, high] = [Math.min(least, black), Math.max(most, white)];
  const step = (high - low) / 500;
  const whole = Number.isInteger(least) && Number.isInteger(most) && high - low > 16;
  return { least: whole ? Math.floor(low) : low, most: whole ? Math.ceil(high) : high, step: whole ? Math.max(1, Math.round(step)) : step };
}

/**
 * @param {ShownChannel} channel @param {'black' | 'white'} edge @param {number} value
 * @param {ChannelFacts} facts @returns {ShownChannel} black stays below white: the other edge is pushed along
 */
export function moved(channel, edge, value, facts) {
  const { least, most, step } = rangeOf(facts);
  if (edge === 'black') {
    const black = Math.min(value, most - step);
    return { ...channel, black, white: Math.max(channel.white, black + step) };
  }
  const white = Math.max(value, least + step);
  return { ...channel, white, black: Math.min(channel.black, white - step) };
}

/** Never with an exponent. @param {number} value */
const decimal = (value) => String(Number(value.toFixed(6)));
