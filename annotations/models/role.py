from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What each role may do is said in annotations/permissions.py."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    ANNOTATOR = "annotator", _("Annotator")
    REVIEWER = "reviewer", _("Reviewer")
    VIEWER = "viewer", _("Viewer")
