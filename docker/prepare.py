"""Bring the database and the shipped files up to date: before every start, once per deployment.

Each step does nothing when there is nothing to do, so an upgrade needs no other command.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sppnet_app.settings.dev")

import django  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.management.base import CommandError  # noqa: E402

STARTER = ROOT / "ml" / "starter" / "sppnet_click.safetensors"


def prepare() -> None:
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    if not getattr(settings, "WHITENOISE_USE_FINDERS", False):
        call_command("collectstatic", interactive=False, verbosity=0)
    call_command("ensure_admin")
    if STARTER.exists():
        call_command("load_starter")
    else:
        print(f"{STARTER.relative_to(ROOT)} is missing: clicks wait until a checkpoint is loaded.")
    call_command("load_demo")


if __name__ == "__main__":
    try:
        prepare()
    except CommandError as error:
        sys.exit(str(error))
