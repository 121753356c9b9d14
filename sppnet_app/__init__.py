"""The Django project: settings, URLs, and the ASGI, WSGI and Celery applications."""

from sppnet_app.celery import app as celery_app

__all__ = ["celery_app"]
