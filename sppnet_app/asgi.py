"""ASGI entry point: `uvicorn sppnet_app.asgi:application`."""

import os
import sys
import warnings

import django
from django.conf import settings

from sppnet_app.body_limit import limit_body
from sppnet_app.handler import FewThreadsHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sppnet_app.settings.dev")
django.setup(set_prefix=False)

# Enough for those who wait for the disk, and few enough that many requests at once do not slow each
# other down: only one computes at a time. Each holds a connection to the database.
THREADS = {"work": 8, "pages": 3, "waiting": 8}
# After so long the one that computes lets another: the event loop, which hands out every answer,
# would stand behind all of them with the default of ten times that.
sys.setswitchinterval(0.0005)

# Whitenoise serves static files to any kind of server; under ASGI Django reads each of them whole,
# which is right for files of their size, and not worth a line in the log.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")

application = limit_body(
    FewThreadsHandler(**THREADS),
    max_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    # The form around an uploaded file takes some room of its own.
    max_upload_bytes=(settings.MAX_UPLOAD_MB + 1) * 1024**2,
)
