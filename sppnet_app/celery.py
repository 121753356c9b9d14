"""The Celery application. Options are CELERY_* in the settings; tasks are named by their app."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sppnet_app.settings.dev")

app = Celery("sppnet_app")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
