"""ASGI entry point: `uvicorn sppnet_app.asgi:application`."""

import os
import warnings

from django.conf import settings
from django.core.asgi import get_asgi_application

from sppnet_app.body_limit import limit_body

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sppnet_app.settings.dev")

# Whitenoise serves static files to any kind of server; under ASGI Django reads each of them whole,
# which is right for files of their size, and not worth a line in the log.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")

application = limit_body(
    get_asgi_application(),
    max_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    # The form around an uploaded file takes some room of its own.
    max_upload_bytes=(settings.MAX_UPLOAD_MB + 1) * 1024**2,
)
