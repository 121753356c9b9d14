"""Check what dashboards show against the rows that it was counted from."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.models import Dataset
from annotations.services.recount import differences, rebuild


class Command(BaseCommand):
    help = (
        "Count images, nuclei and work anew and say where the kept counts differ. "
        "Reads every mask and event: minutes for millions of them. People can work meanwhile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dataset", type=int, help="The number of one dataset; else all.")
        parser.add_argument(
            "--repair",
            action="store_true",
            help="Keep what is counted now. Work on images that are gone for good is forgotten.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        datasets = Dataset.objects.order_by("pk")
        if options["dataset"] is not None:
            datasets = datasets.filter(pk=options["dataset"])
        wrong = 0
        for dataset in datasets:
            for difference in differences(dataset):
                self.stdout.write(f"{dataset}: {difference}")
                wrong += 1
            if options["repair"]:
                rebuild(dataset)
        if wrong and not options["repair"]:
            raise CommandError(f"{wrong} counts are wrong; --repair writes them anew.")
        self.stdout.write(f"{wrong} counts were repaired." if wrong else "All counts are right.")
