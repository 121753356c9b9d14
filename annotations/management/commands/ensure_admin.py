"""The first account, so that somebody can log in after the installation."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from sppnet_app.secret_store import get_or_create_secret

USERNAME = "admin"


class Command(BaseCommand):
    help = (
        "Create the user “admin” with a password of its own, unless there is an administrator. "
        "The password is printed, and kept in <DATA_DIR>/secrets.json."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        users = get_user_model().objects
        if users.filter(is_superuser=True).exists():
            return
        password = get_or_create_secret(
            settings.SECRETS_FILE, "admin_password", lambda: secrets.token_urlsafe(12)
        )
        users.create_superuser(USERNAME, password=password)
        self.stdout.write(f"User: {USERNAME}  Password: {password}")
