"""ASGI entry point: `uvicorn sppnet_app.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sppnet_app.settings.dev")

application = get_asgi_application()
