"""A dataset of any size, to see how the app behaves with it. Never on a site that people use."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from PIL import Image as Picture

from annotations.management.bulk_load import load, next_id
from annotations.management.load_data import (
    CLICK_COLUMNS,
    EVENT_COLUMNS,
    IMAGE_COLUMNS,
    MASK_COLUMNS,
    SIDE,
    LoadData,
)
from annotations.models import Click, Dataset, Event, Image, Mask, Membership, Role
from annotations.services.dataset import create_dataset
from annotations.services.label_class import create_class
from annotations.services.recount import rebuild

MORE_CLASSES = [("Lymphocyte", "#56b4e9"), ("Stroma", "#009e73")]


class Command(BaseCommand):
    help = (
        "Make a dataset of N images with M masks on the average, as people would have left it: "
        "states, classes, history, counts. All images show the same picture. "
        "On PostgreSQL, the role needs to be a superuser; nobody else may write meanwhile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--images", type=int, required=True)
        parser.add_argument("--masks-per-image", type=int, required=True)
        parser.add_argument("--people", type=int, default=30, help="Annotators (30).")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--name", default="", help="Of the dataset.")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if min(options["images"], options["people"]) < 1 or options["masks_per_image"] < 0:
            raise CommandError("There must be at least one image and one person.")
        owner = get_user_model().objects.filter(is_superuser=True).order_by("pk").first()
        if owner is None:
            raise CommandError("There is no administrator yet: run ensure_admin first.")
        name = options["name"] or f"Load data, {options['images']:,} images"
        dataset = create_dataset(user=owner, name=name)
        for class_name, color in MORE_CLASSES:
            create_class(user=owner, dataset=dataset, name=class_name, color=color)
        data = LoadData(
            dataset_id=dataset.pk,
            owner=owner.pk,
            people=_annotators(dataset, options["people"]),
            classes=list(dataset.classes.values_list("pk", flat=True)),
            first_image=next_id(Image),
            images=options["images"],
            masks=options["masks_per_image"],
            seed=options["seed"],
            until=timezone.now(),
        )
        load(Image, IMAGE_COLUMNS, data.images())
        load(Mask, MASK_COLUMNS, data.masks())
        load(Event, EVENT_COLUMNS, data.events())
        load(Click, CLICK_COLUMNS, data.clicks())
        Dataset.objects.filter(pk=dataset.pk).update(image_count=options["images"])
        rebuild(dataset)
        store_picture()
        self.stdout.write(f"Made the dataset {dataset.pk}, “{name}”.")


def _annotators(dataset: Dataset, count: int) -> list[int]:
    """Ids of people who are members now; those of an earlier run are taken again."""
    users = get_user_model().objects
    names = [f"load-{number}" for number in range(1, count + 1)]
    users.bulk_create([users.model(username=name) for name in names], ignore_conflicts=True)
    people = list(users.filter(username__in=names).order_by("pk").values_list("pk", flat=True))
    Membership.objects.bulk_create(
        Membership(dataset=dataset, user_id=person, role=Role.ANNOTATOR) for person in people
    )
    return people


def store_picture() -> None:
    """Put the picture that all images show where it is looked for."""
    path = settings.MEDIA_ROOT / "load" / "image.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Picture.new("RGB", (SIDE, SIDE), "#d8c3d6").save(path)
