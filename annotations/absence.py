"""Why something is not there: what members are told of what lies in the trash."""

from collections.abc import Callable
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from annotations.models import Dataset, Image
from annotations.models.trash import Trashable

# Whether a member with a role (the second) in a dataset is told who did what there.
SeesNames = Callable[[Dataset, str], bool]


def explain_absence(model: Any, user: Any, sees_names: SeesNames, **lookup: Any) -> str | None:
    """Return what became of the row that `lookup` finds, None if it is not in the trash.

    Nothing is said to who is no member of its dataset: to them it never was.
    """
    rows = getattr(model, "with_trash", model._default_manager)
    row = rows.of_members(user).filter(**lookup).first() if hasattr(rows, "of_members") else None
    if row is None:
        return None
    line = _from_dataset_to(row)
    for thing in line:
        if isinstance(thing, Trashable) and thing.deleted_at:
            return _sentence(thing, named=sees_names(line[0], row.my_role))
    return None


def _from_dataset_to(row: Any) -> list[Any]:
    image = row if isinstance(row, Image) else getattr(row, "image", None)
    dataset = row if isinstance(row, Dataset) else getattr(image or row, "dataset", None)
    return [dataset, image, row]


def _sentence(thing: Any, *, named: bool) -> str:
    facts = {
        "name": thing,
        "day": formats.date_format(timezone.localtime(thing.deleted_at)),
        "until": formats.date_format(timezone.localtime(thing.kept_until)),
    }
    if thing.deleted_by is None or not named:
        done = _("“%(name)s” was deleted on %(day)s.") % facts
    else:
        facts["person"] = thing.deleted_by
        done = _("%(person)s deleted “%(name)s” on %(day)s.") % facts
    if isinstance(thing, Dataset):
        return done + " " + _("An owner of the dataset can bring it back until %(until)s.") % facts
    return done + " " + _("A manager of the dataset can bring it back until %(until)s.") % facts
