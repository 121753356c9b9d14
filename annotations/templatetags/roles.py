from django import template

from annotations.models import Role

register = template.Library()


@register.filter
def role_name(value: str) -> str:
    """A role in the reader's language."""
    return str(Role(value).label)
