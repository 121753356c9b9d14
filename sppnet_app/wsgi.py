"""WSGI entry point, for servers without ASGI. Server-sent events need asgi.py."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sppnet_app.settings.dev")

application = get_wsgi_application()
