/**
 * Words in the person's language. The catalogue is the one of the whole site: Django serves it as a
 * script that runs before the page's. Where it is missing, the words of the source are shown.
 *
 * `makemessages` finds the strings by these functions' names, so they are called with literals.
 */

/**
 * @typedef {{
 *   gettext: (text: string) => string,
 *   ngettext: (one: string, many: string, count: number) => string,
 * }} Catalogue
 */

/** @returns {Catalogue | undefined} */
const catalogue = () => /** @type {{django?: Catalogue}} */ (globalThis).django;

/**
 * @param {string} text  with `%(name)s` where a value goes
 * @param {Record<string, string | number>} [values]
 */
export function gettext(text, values) {
  return filled(catalogue()?.gettext(text) ?? text, values);
}

/**
 * @param {string} one @param {string} many @param {number} count  is also the value `%(count)s`
 * @param {Record<string, string | number>} [values]
 */
export function ngettext(one, many, count, values) {
  const text = catalogue()?.ngettext(one, many, count) ?? (count === 1 ? one : many);
  return filled(text, { count, ...values });
}

/** @param {string} text @param {Record<string, string | number>} [values] */
function filled(text, values) {
  if (!values) return text;
  return text.replace(/%\((\w+)\)s/g, (hole, name) => String(values[name] ?? hole));
}
