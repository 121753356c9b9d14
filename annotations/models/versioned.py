from django.db import models


class Versioned(models.Model):
    """A row that several people may edit: a write must name the version it was based on.

    Services raise StaleVersion for an outdated one and add 1 with every write.
    """

    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True
