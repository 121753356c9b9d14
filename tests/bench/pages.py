"""How many queries and how long each page and endpoint takes, however large the dataset is.

PYTHONPATH=docker .venv/bin/python tests/with_postgres.py \\
    .venv/bin/python -m tests.bench.pages [--write] [images…]

Loads datasets of 1,000, 100,000 and 1,000,000 images with ten masks each into one database, unless
they are there, and asks for everything that can be read of them, of each by turns. --write puts the
table into docs/performance.md. The largest needs 8 GB of disk and, on two quiet cores, a quarter
of an hour.
"""

import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

from tests.services import ROOT, running_redis

SIZES = (1_000, 100_000, 1_000_000)
MASKS_AN_IMAGE = 10
TIMES = 9
# What differs by less is noise on a machine that others use as well.
NOISE_MS = 2.0
FLAT = 2.0

# Name -> size of the dataset -> (queries, median milliseconds).
Costs = dict[str, dict[int, tuple[int, float]]]


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()] or SIZES
    with prepared():
        costs = costs_of({size: loaded(size) for size in sizes})
    table = table_of(costs, sorted(sizes))
    print(table)
    if "--write" in sys.argv:
        write_between("pages", table)


@contextmanager
def prepared() -> Iterator[None]:
    """Django on the database, with a Redis and a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, running_redis(Path(folder) / "redis") as redis:
        os.environ |= {"DATA_DIR": folder, "REDIS_URL": redis, "ALLOWED_HOSTS": "testserver"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "sppnet_app.settings.dev"
        django.setup()
        from django.core.management import call_command

        from annotations.management.commands.make_load_data import store_picture

        call_command("migrate", verbosity=0)
        call_command("ensure_admin", stdout=io.StringIO())
        store_picture()
        yield


def loaded(size: int) -> Any:
    """The dataset with so many images."""
    from django.core.management import call_command
    from django.db import connection

    from annotations.models import Dataset

    name = f"Load data, {size:,} images"
    there = Dataset.objects.filter(name=name).first()
    if there is not None:
        return there
    start = time.monotonic()
    call_command(
        "make_load_data", images=size, masks_per_image=MASKS_AN_IMAGE, seed=size, name=name
    )
    print(f"{name}: loaded in {time.monotonic() - start:.0f} s", flush=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return Dataset.objects.get(name=name)


def costs_of(datasets: dict[int, Any]) -> Costs:
    """Ask each question of each dataset by turns, so that a busy moment is one for all."""
    from tests.bench.questions import questions

    asked = {size: questions(dataset) for size, dataset in datasets.items()}
    costs: Costs = {}
    for name in next(iter(asked.values())):
        asks = {size: asked[size][name] for size in datasets}
        queries = {size: queries_of(ask) for size, ask in asks.items()}
        times: dict[int, list[float]] = {size: [] for size in asks}
        for _ in range(TIMES):
            for size, ask in asks.items():
                start = time.perf_counter()
                ask()
                times[size].append(1000 * (time.perf_counter() - start))
        costs[name] = {size: (queries[size], statistics.median(times[size])) for size in asks}
        shown = "  ".join(f"{milliseconds:8.1f} ms" for _, milliseconds in costs[name].values())
        print(f"{shown}  {name}", flush=True)
    return costs


def queries_of(ask: Callable[[], None]) -> int:
    """How many queries it takes, when it is no longer the first time."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    return len(captured)


def table_of(costs: Costs, sizes: list[int]) -> str:
    """Markdown, a row for each question; the ratio is of the largest dataset to the smallest."""
    head = " | ".join(f"{size:,}" for size in sizes)
    lines = [
        f"| asked for | queries | {head} images | ratio |",
        f"| --- | ---: | {'---: | ' * len(sizes)}---: |",
    ]
    for name, found in costs.items():
        before, after = found[sizes[0]][1], found[sizes[-1]][1]
        flat = after - before < NOISE_MS or after / before <= FLAT
        ratio = f"{after / before:.1f}" if flat else f"**{after / before:.1f}**"
        number = "–".join(map(str, sorted({queries for queries, _ in found.values()})))
        times = " | ".join(f"{found[size][1]:.1f} ms" for size in sizes)
        lines.append(f"| `{name}` | {number} | {times} | {ratio} |")
    return "\n".join(lines)


def write_between(name: str, text: str) -> None:
    """Put a table between the marks of that name in docs/performance.md."""
    page = ROOT / "docs" / "performance.md"
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _, rest = page.read_text().partition(start)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{start}\n{text}\n{end}{after}")


if __name__ == "__main__":
    main()
