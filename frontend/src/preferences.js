/** How this person likes to work: known when the page opens, and kept by the server. */
import { createState } from './store/state.js';

/** @typedef {{shortcuts: Record<string, string[]>, tourSeen: boolean}} Values */
/** @typedef {ReturnType<typeof createPreferences>} Preferences */

/**
 * What the server has not taken yet waits in this browser, and holds here meanwhile.
 * @param {{
 *   user: number, known: Values, save: (changes: Partial<Values>) => Promise<unknown>,
 *   storage?: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
 * }} parts
 */
export function createPreferences({ user, known, save, storage = localStorage }) {
  const key = `sppnet-annotate.preferences.${user}`;
  let unsent = waiting();
  const values = createState({ ...known, ...unsent });
  let sending = false;

  /** @returns {Partial<Values>} */
  function waiting() {
    try {
      return JSON.parse(storage.getItem(key) ?? '{}');
    } catch {
      return {};
    }
  }

  function keep() {
    try {
      if (Object.keys(unsent).length) storage.setItem(key, JSON.stringify(unsent));
      else storage.removeItem(key);
    } catch {
      // A browser that keeps nothing: the choice holds until the page is left.
    }
  }

  async function send() {
    if (sending || !Object.keys(unsent).length) return;
    sending = true;
    const sent = unsent;
    try {
      await save(sent);
      const still = Object.entries(unsent).filter(([name, value]) => sent[/** @type {keyof Values} */ (name)] !== value);
      unsent = Object.fromEntries(still);
      keep();
    } catch {
      sending = false;
      return; // the next change, visit or return of the network tries again
    }
    sending = false;
    await send();
  }

  return {
    get: values.get,
    on: values.on,
    send,
    /** @param {Partial<Values>} changes */
    change(changes) {
      unsent = { ...unsent, ...changes };
      keep();
      values.set(changes);
      void send();
    },
  };
}
