from django.db import models

from annotations.models.mask import Mask


class MaskWrite(models.Model):
    """A write that was done, by the id that its sender gave it: a repeat of it does nothing.

    Comparing contents would not do: a repeat may come after somebody else's change.
    """

    id = models.UUIDField(primary_key=True)
    mask = models.ForeignKey(Mask, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return str(self.pk)
