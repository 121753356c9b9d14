from django.db import models
from django.utils import timezone

from annotations.models.mask import Mask


class MaskWrite(models.Model):
    """A write that was done, by the id that its sender gave it: a repeat of it does nothing.

    Comparing contents would not do: a repeat may come after somebody else's change. They are
    remembered for as long as the trash keeps what was deleted.
    """

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    mask = models.ForeignKey(Mask, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return str(self.pk)
