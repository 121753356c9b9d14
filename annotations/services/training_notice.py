"""Tell who started a training how it ended."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ml.models import Status, TrainingRun

logger = logging.getLogger(__name__)


def tell_of_the_end(run_id: int) -> None:
    """Send an e-mail to who started the run, unless they cancelled it or do without mails. One that
    cannot be sent is logged: the page says the same."""
    run = TrainingRun.objects.select_related("checkpoint_to").get(pk=run_id)
    people = get_user_model().objects.filter(username=run.created_by_name, is_active=True)
    people = people.exclude(email="").select_related("preference")
    person = people.first() if run.created_by_name else None
    if person is None or run.status == Status.CANCELLED:
        return
    preference = getattr(person, "preference", None)
    if preference is not None and not preference.email_notices:
        return
    page = settings.SITE_URL.rstrip("/") + reverse("training-run", args=[run.pk])
    with translation.override((preference and preference.language) or settings.LANGUAGE_CODE):
        subject, text = _words(run)
    try:
        send_mail(subject, f"{text}\n\n{page}\n", None, [person.email])
    except (SMTPException, OSError) as error:
        logger.warning("The end of run %s could not be mailed: %s", run.pk, error)


def _words(run: TrainingRun) -> tuple[str, str]:
    if run.status == Status.DONE:
        return (
            _("Training run %(number)s is done") % {"number": run.pk},
            _("Its result is “%(name)s”. Look at it on the page Models.")
            % {"name": run.checkpoint_to},
        )
    return (
        _("Training run %(number)s failed") % {"number": run.pk},
        _("%(error)s\n\nThe page Models has its log, and resumes it.") % {"error": run.error},
    )
