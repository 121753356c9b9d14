"""Whether annotators see an image itself, or those of them who have one a replica of it."""

from annotations.models import Image
from annotations.services.tally import count_image


def settle_replicated(original: Image) -> None:
    """Hide the locked image from annotators if there are replicas of it, else show it again.

    A honeypot that was hidden stays so: its masks are the truth.
    """
    hidden = original.replicas.exists() or (original.is_honeypot and original.replicated)
    if hidden != original.replicated:
        count_image(original, original.status, -1)
        original.replicated = hidden
        original.save(update_fields=["replicated"])
        count_image(original, original.status)
