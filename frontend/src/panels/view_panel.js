import { gettext } from '../i18n.js';
import { element } from './element.js';

/** @typedef {import('../store/view.js').ViewSection} ViewSection */

/**
 * One panel for everything about looking, in sections that stay folded until they are wanted.
 * @param {import('../store/store.js').Store} store
 * @param {{name: ViewSection, title: string, key?: string, body: Node[]}[]} sections
 */
export function createViewPanel({ view }, sections) {
  const folds = sections.map(({ name, title, key, body }) => {
    const summary = element(
      'summary',
      { 'data-testid': `view-${name}`, 'aria-keyshortcuts': key },
      element('span', { text: title }),
      key ? element('kbd', { text: key }) : null,
    );
    const fold = element('details', { class: 'fold', ontoggle: () => remember(name, fold.open) }, summary, element('div', { class: 'fold-body' }, ...body));
    return { name, fold };
  });

  /** @param {ViewSection} name @param {boolean} open */
  function remember(name, open) {
    const others = view.get().openSections.filter((other) => other !== name);
    if (open === view.get().openSections.includes(name)) return;
    view.set({ openSections: open ? [...others, name] : others, sectionInFocus: null });
  }

  function update() {
    for (const { name, fold } of folds) fold.open = view.get().openSections.includes(name);
  }

  /** Folded by a key, it must not keep the space bar and Enter to itself. @param {ViewSection} name */
  function letGo(name) {
    const fold = folds.find((one) => one.name === name)?.fold;
    const { activeElement } = document;
    if (!fold?.open && activeElement instanceof HTMLElement && fold?.contains(activeElement)) activeElement.blur();
  }

  /** @param {ViewSection} name */
  function goTo(name) {
    const fold = folds.find((one) => one.name === name)?.fold;
    fold?.scrollIntoView({ block: 'nearest' });
    fold?.querySelector('summary')?.focus();
  }

  view.on((now, before) => {
    if (now.openSections !== before.openSections) update();
    if (now.sectionInFocus === before.sectionInFocus) return;
    if (now.sectionInFocus) goTo(now.sectionInFocus);
    else if (before.sectionInFocus) letGo(before.sectionInFocus);
  });
  update();
  return element(
    'section',
    { class: 'panel view-panel', 'aria-labelledby': 'view-title' },
    element('h2', { id: 'view-title', text: gettext('View') }),
    ...folds.map(({ fold }) => fold),
  );
}
