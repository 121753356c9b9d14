"""How a person likes to work: written by themselves only."""

from typing import Any

from django.db import transaction

from annotations.models import Preference


def preference_of(*, user: Any) -> Preference:
    """Return what the person chose, or an unsaved row of defaults."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


@transaction.atomic
def save_preference(*, user: Any, **changes: Any) -> Preference:
    """Write only what is given: pages that are open side by side keep each other's changes."""
    row, _ = Preference.objects.select_for_update().get_or_create(user=user)
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    return row
