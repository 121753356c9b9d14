from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from ml.exceptions import MlError
from ml.models import Checkpoint
from ml.services import activate_checkpoint, register_checkpoint

STARTER = "ml/starter/sppnet_click.safetensors"


class Command(BaseCommand):
    help = "Registers the checkpoint that ships with this release, and activates it if sensible."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / STARTER
        active = Checkpoint.objects.active().first()
        try:
            starter = register_checkpoint(path=path, activate=False)
            # Upgrades bring a better starter; a checkpoint that people trained stays in charge.
            if active is None or (active != starter and active.path.match(f"**/{STARTER}")):
                activate_checkpoint(checkpoint=starter)
        except MlError as error:
            raise CommandError(error.detail) from error
        state = "active" if starter.is_active else "registered, another checkpoint is active"
        self.stdout.write(f"Starter checkpoint {starter.name} ({starter.sha256[:12]}): {state}.")
