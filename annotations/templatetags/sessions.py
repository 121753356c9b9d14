from django import template

from annotations.services.session import device_of

register = template.Library()


@register.filter
def device(agent: str) -> str:
    """A browser's own word about itself, for people."""
    return device_of(agent)
