import { UNLABELLED, colorRule } from '../appearance/mask_colors.js';
import { paintOf } from '../appearance/mask_style.js';

export const PENDING = '#ffd43b';
export const PROPOSAL = '#ffffff';
export const CASING = 'rgba(0, 0, 0, 0.55)';
export const POSITIVE = '#2f9e44';
export const NEGATIVE = '#e03131';

/**
 * How every layer that shows masks has to show them at present.
 * @param {Pick<import('../store/store.js').Store, 'session' | 'view'>} store
 */
export function appearanceOf({ session, view }) {
  const { colorBy, maskStyle, opacity } = view.get();
  const { authors, classes: live, deletedClasses } = session.get();
  const classes = [...live, ...deletedClasses];
  return {
    colorOf: colorRule({ colorBy, classes, authors }),
    /** For what is not a mask yet. @param {number | null} id */
    classColor: (id) => classes.find((c) => c.id === id)?.color ?? UNLABELLED,
    ...paintOf(maskStyle, opacity),
  };
}
