"""One machine, one command: secrets are made on the first run, static files need no collecting."""

from django.core.management.utils import get_random_secret_key

from sppnet_app.secret_store import get_or_create_secret
from sppnet_app.settings.base import *  # noqa: F403
from sppnet_app.settings.base import LOOPBACK, SECRETS_FILE, env

SECRET_KEY = env.str("SECRET_KEY", "") or get_or_create_secret(
    SECRETS_FILE, "secret_key", get_random_secret_key
)
# The supervisor, and whoever sits at this machine, asks at 127.0.0.1 whatever others call it.
ALLOWED_HOSTS = [*LOOPBACK, *env.list("ALLOWED_HOSTS", default=[])]
WHITENOISE_USE_FINDERS = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # http://localhost is as safe as the machine
