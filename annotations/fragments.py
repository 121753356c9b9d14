"""Parts of pages that read the same to whoever is told the same: rendered once, kept in memory.

Such a part is told facts and nothing else, neither who asks nor what else is on the page. What was
rendered for one person can therefore show another no more than they are told anyway, and is never
out of date: other facts make another part.
"""

from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

# Of a kilobyte or two each, those used last.
MOST_KEPT = 10_000


def fragment(template: str, **facts: Hashable) -> SafeString:
    """Return the template rendered with `facts`, in the reader's language."""
    return _rendered(template, get_language(), **facts)


# typed: 1 and True are equal, and read differently.
@lru_cache(maxsize=MOST_KEPT, typed=True)
def _rendered(template: str, language: str | None, **facts: Any) -> SafeString:
    return render_to_string(template, facts)
