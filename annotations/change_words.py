"""What an event about a dataset itself says, its settings, classes and members: in words."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.db.models import Model
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.forms import DatasetChangesForm, LabelClassForm
from annotations.models import Dataset, Event, Kind, LabelClass, Role

LONGEST = 100

SENTENCES: dict[str, Any] = {
    Kind.DATASET_CREATED: gettext_lazy("The dataset “%(name)s” was created"),
    Kind.DATASET_CHANGED: gettext_lazy("Settings were changed"),
    Kind.DATASET_DELETED: gettext_lazy("The dataset was put into the trash"),
    Kind.DATASET_RESTORED: gettext_lazy("The dataset was taken out of the trash"),
    Kind.CLASS_CREATED: gettext_lazy("The class “%(name)s” was added"),
    Kind.CLASS_CHANGED: gettext_lazy("The class “%(name)s” was changed"),
    Kind.CLASS_DELETED: gettext_lazy("The class “%(name)s” was put into the trash"),
    Kind.CLASS_RESTORED: gettext_lazy("The class “%(name)s” was taken out of the trash"),
    Kind.CLASS_PURGED: gettext_lazy("The class “%(name)s” was removed for good"),
    Kind.IMAGE_PURGED: gettext_lazy("The image “%(name)s” was removed for good"),
    Kind.MEMBER_ADDED: gettext_lazy("%(member)s became a member: %(role)s"),
    Kind.MEMBER_CHANGED: gettext_lazy("%(member)s has another role: %(role)s"),
    Kind.MEMBER_REMOVED: gettext_lazy("%(member)s is no member any more: %(role)s"),
}
LABELS: dict[str, Any] = {
    **DatasetChangesForm.Meta.labels,
    **LabelClassForm.Meta.labels,
    "position": gettext_lazy("Place in the list"),
    "group_pattern": gettext_lazy("Slide or patient, in the names of images"),
    "held_out": gettext_lazy("Held out for judging checkpoints"),
}


def sentence_of(event: Event) -> str:
    """What happened; who did it stands beside it."""
    sentence = SENTENCES.get(event.kind)
    if sentence is None:
        return event.kind
    facts = {"name": "", "member": "", **event.data, "role": _told(event.data.get("role"), _role)}
    return str(sentence % facts)


def details_of(event: Event) -> list[str]:
    """What there is to say of it beyond that, a line each."""
    data = event.data
    lines = []
    if "group" in data:
        lines.append(_("With the group “%(name)s”") % {"name": data["group"]})
    if event.kind == Kind.DATASET_CHANGED:
        lines += _changes(data, Dataset)
    if event.kind == Kind.CLASS_CHANGED:
        lines += _changes(data.get("changed", {}), LabelClass)
    return lines


def _changes(changes: Mapping[str, Any], model: type[Model]) -> list[str]:
    # A list is from what to what, but for groups of images: those are held out from then on.
    whole = {name: ", ".join(v) if name == "held_out" else v for name, v in changes.items()}
    choices = {field.name: dict(getattr(field, "flatchoices", ())) for field in model._meta.fields}
    return [
        f"{LABELS.get(name, name)}: {_told(change, partial(_value, choices.get(name, {})))}"
        for name, change in whole.items()
    ]


def _told(change: Any, say: Callable[[Any], str]) -> str:
    """A value, or a change from one to another."""
    return " → ".join(say(value) for value in (change if isinstance(change, list) else [change]))


def _role(value: Any) -> str:
    return str(dict(Role.choices).get(value, value or ""))


def _value(choices: Mapping[Any, Any], value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    words = "–" if value in ("", None) else str(choices.get(value, value))
    return Truncator(words).chars(LONGEST)
