import { gettext } from '../i18n.js';

export const STATUS_NAMES = {
  new: gettext('New'),
  in_progress: gettext('In progress'),
  submitted: gettext('Submitted'),
  in_review: gettext('In review'),
  returned: gettext('Returned'),
  accepted: gettext('Accepted'),
};
