"""The demo dataset: eight CC0 images, fluorescence and stained."""

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from annotations.models import Dataset
from annotations.services.dataset import create_dataset
from annotations.services.image import upload_image
from annotations.services.label_class import create_class

NAME = "Demo nuclei (DSB 2018, CC0)"
DESCRIPTION = (
    "Fluorescence and stained images of the 2018 Data Science Bowl (BBBC038v1). "
    "Click a nucleus to try the network."
)
# After the first class of any dataset; Okabe and Ito's palette, which colour-blind people read.
MORE_CLASSES = [("Mitotic", "#cc79a7"), ("Uncertain", "#56b4e9")]
IMAGES = Path(__file__).resolve().parents[2] / "demo" / "images"


class Command(BaseCommand):
    help = "Create the demo dataset once. An administrator owns it."

    @transaction.atomic  # a first run that is interrupted starts anew
    def handle(self, *args: Any, **options: Any) -> None:
        owner = get_user_model().objects.filter(is_superuser=True).order_by("pk").first()
        if owner is None:
            raise CommandError("There is no administrator yet: run ensure_admin first.")
        if Dataset.objects.filter(name=NAME).exists():
            return  # also after somebody has deleted it
        dataset = create_dataset(user=owner, name=NAME, description=DESCRIPTION, licence="CC0 1.0")
        for name, color in MORE_CLASSES:
            create_class(user=owner, dataset=dataset, name=name, color=color)
        for path in sorted(IMAGES.glob("*.png")):
            with path.open("rb") as file:
                upload_image(user=owner, dataset=dataset, file=File(file, name=path.name))
        self.stdout.write(f"Loaded “{NAME}” with {dataset.images.count()} images.")
