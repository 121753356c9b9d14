import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from ml.simulation.annotator import MOST_CLICKS, MOST_EDITS, TARGET
from ml.simulation.api_client import ApiClient, ApiError
from ml.simulation.team import Measured, Team, mean_of
from ml.sppnet.datasets import DataError, names_in, read_sample
from ml.sppnet.fields import field_of

HEADER = (
    f"{'round':>5} {'images':>6} {'nuclei':>6} {'clicks':>7} {'edits':>7} {'iou1':>6}  checkpoint"
)


class Command(BaseCommand):
    help = (
        "Replay a team of annotators on a running server: they click, fix and keep nuclei of "
        "images whose truth is known, the network learns from that, and its result is promoted if "
        "it passes the gate; and again. Prints clicks and edits per nucleus on held-out images "
        "before and after each round."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000")
        parser.add_argument(
            "--token",
            default=os.environ.get("SPPNET_TOKEN", ""),
            help="of an administrator, with the scope “manage”; or $SPPNET_TOKEN",
        )
        parser.add_argument(
            "--data", type=Path, required=True, help="folder with images/ and labels/"
        )
        parser.add_argument("--field", type=int, default=256, help="side of the fields, in pixels")
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument("--fields-a-round", type=int, default=4)
        parser.add_argument("--held-out", type=int, default=4, help="images to measure on")
        parser.add_argument("--probes", type=int, default=15, help="nuclei a held-out field")
        parser.add_argument("--minutes", type=int, default=5, help="of training a round")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--json", type=Path, help="write the table here as well")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._simulate(options)
        except (ApiError, DataError, RuntimeError, TimeoutError, OSError) as error:
            raise CommandError(str(error)) from error

    def _simulate(self, options: dict[str, Any]) -> None:
        rng = np.random.default_rng(options["seed"])
        folder: Path = options["data"]
        names = [str(name) for name in rng.permutation(names_in(folder))]
        needed = options["rounds"] * options["fields_a_round"]
        held = names[: options["held_out"]]
        # Held-out fields are of other images than those learned from: one field an image.
        probes = [field_of(read_sample(folder, name), options["field"], rng) for name in held]
        learned = []
        for name in names[options["held_out"] :]:
            learned.append(field_of(read_sample(folder, name), options["field"], rng))
        if len(learned) < needed:
            raise CommandError(
                f"{folder} has {len(names)} images: {needed + options['held_out']} are needed for "
                "so many rounds, fields and held-out images."
            )
        api = ApiClient(options["url"], options["token"])
        team = Team(api, f"Simulated team, seed {options['seed']}")
        images = [(team.upload(sample), sample) for sample in probes]
        for image, sample in images:
            team.draw(image, sample)
        team.hold_out([image["name"] for image, _ in images])
        self.stdout.write(
            f"{folder.name}: IoU {TARGET} wanted; edits are corrective clicks (at most "
            f"{MOST_CLICKS}) and strokes, {MOST_EDITS} at most; dataset {team.dataset}"
        )
        self.stdout.write(HEADER)
        rows = []

        def measure(round: int, checkpoint: str) -> None:
            outcomes = []
            for number, (image, sample) in enumerate(images):
                order = np.random.default_rng([options["seed"], number])
                outcomes += team.try_out(image, sample, options["probes"], order)
            count = round * options["fields_a_round"]
            rows.append(mean_of(outcomes, round=round, images=count, checkpoint=checkpoint))
            self._print(rows[-1])

        answering = api.get("/api/status/")["checkpoint"]["name"]
        measure(0, answering)
        for round in range(1, options["rounds"] + 1):
            start = (round - 1) * options["fields_a_round"]
            for sample in learned[start : start + options["fields_a_round"]]:
                team.annotate(team.upload(sample), sample)
            run = team.learn(options["minutes"])
            judgement = team.judgement_of(run)
            verdict = "promoted" if judgement["passed"] else "refused"
            if judgement["passed"]:
                team.promote(run["checkpoint_to"], f"round {round} of the simulation")
                answering = f"run-{run['id']}"
            self.stdout.write(f"      {verdict}: {'; '.join(judgement['reasons'])}")
            measure(round, answering)
        change = 1 - rows[-1].edits / rows[0].edits if rows[0].edits else 0.0
        self.stdout.write(f"edits per nucleus: {change:.0%} fewer after {len(rows) - 1} rounds")
        if options["json"]:
            options["json"].write_text(json.dumps([row.as_dict() for row in rows], indent=1))

    def _print(self, row: Measured) -> None:
        self.stdout.write(
            f"{row.round:5d} {row.images:6d} {row.nuclei:6d} {row.clicks:7.2f} {row.edits:7.2f} "
            f"{row.iou1:6.3f}  {row.checkpoint}"
        )
        self.stdout.flush()
