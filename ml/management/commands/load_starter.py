from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ml.exceptions import MlError
from ml.models import Checkpoint
from ml.promotions import activate_checkpoint
from ml.services import register_checkpoint

STARTER_FOLDER = Path(__file__).resolve().parents[2] / "starter"
STARTER = STARTER_FOLDER / "sppnet_click.safetensors"


def was_shipped(checkpoint: Checkpoint) -> bool:
    """Whether it came with a release, perhaps an earlier one in another folder."""
    return Path(checkpoint.file).parts[-3:] == STARTER.parts[-3:]


class Command(BaseCommand):
    help = (
        "Register the shipped checkpoint. It becomes active if none is, or if the active one "
        "was shipped with an earlier release."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            starter = register_checkpoint(path=STARTER)
            current = Checkpoint.objects.active().first()
            if current == starter:
                return
            if current is None or was_shipped(current):
                activate_checkpoint(checkpoint=starter)
                self.stdout.write(f"{starter.name} answers clicks")
        except MlError as error:
            raise CommandError(error.detail) from error
