import { element, setText } from './element.js';

/** Labelled controls of the panels. Each shows what it is told and says what it was set to. */

/** @param {{label: string, testid: string, key?: string, change: (on: boolean) => void}} parts */
export function checkbox({ label, testid, key, change }) {
  const input = element('input', {
    type: 'checkbox', 'data-testid': testid, 'aria-keyshortcuts': key, onchange: () => change(input.checked),
  });
  const row = element('label', { class: 'check' }, input, element('span', { text: label }), key ? element('kbd', { text: key }) : null);
  return {
    input,
    row,
    /** @param {boolean} on */
    update(on) {
      input.checked = on;
    },
  };
}

/**
 * @param {{
 *   label: string, testid: string, min?: number, max?: number, step?: number, change: (value: number) => void,
 * }} parts
 */
export function slider({ label, testid, min = 0, max = 1, step = 0.05, change }) {
  const input = element('input', {
    type: 'range', min, max, step, 'data-testid': testid, oninput: () => change(Number(input.value)),
  });
  const output = element('output');
  const row = element('label', { class: 'slide' }, element('span', { text: label }), input, output);
  return {
    input,
    row,
    /** @param {number} value @param {string} text */
    update(value, text) {
      input.value = String(value);
      input.setAttribute('aria-valuetext', text);
      setText(output, text);
    },
  };
}

/**
 * @template {string} Value
 * @param {{
 *   label: string, testid: string, key?: string, options: readonly {value: Value, label: string}[],
 *   change: (value: Value) => void,
 * }} parts
 */
export function choice({ label, testid, key, options, change }) {
  let byPointer = false;
  const select = element('select', {
    'data-testid': testid, 'aria-keyshortcuts': key,
    onpointerdown: () => (byPointer = true),
    onkeydown: () => (byPointer = false),
    onchange() {
      change(/** @type {Value} */ (select.value));
      // Chosen with the pointer it must not keep the page's keys to itself.
      if (byPointer) select.blur();
    },
  });
  const row = element('label', { class: 'choice' }, element('span', { text: label }), select);
  /** @param {readonly {value: Value, label: string}[]} offered */
  const offer = (offered) =>
    select.replaceChildren(...offered.map((o) => element('option', { value: o.value, text: o.label })));
  offer(options);
  return {
    select,
    row,
    offer,
    /** @param {Value} value */
    update(value) {
      select.value = value;
    },
  };
}
