"""How many queries and how long each page and endpoint takes, as a dataset grows.

PYTHONPATH=docker .venv/bin/python tests/with_postgres.py \\
    .venv/bin/python -m tests.bench.pages [--write] [images…]

Loads datasets of 1,000, 100,000 and 1,000,000 images with ten masks each, one after the other into
the same database, and after each asks for everything that can be read of it. --write puts the table
into docs/performance.md. The largest needs 15 GB of disk and half an hour.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from tests.services import ROOT, running_redis

SIZES = (1_000, 100_000, 1_000_000)
MASKS_AN_IMAGE = 10
TIMES = 15
# What differs by less is noise on a machine that others use as well.
NOISE_MS = 2.0
FLAT = 2.0
START, END = "<!-- pages -->", "<!-- /pages -->"

# Name -> (queries, median milliseconds).
Costs = dict[str, tuple[int, float]]


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()] or SIZES
    with prepared():
        results = {size: costs_at(size) for size in sizes}
    table = table_of(results)
    print(table)
    if "--write" in sys.argv:
        page = ROOT / "docs" / "performance.md"
        before, _, rest = page.read_text().partition(START)
        _, _, after = rest.partition(END)
        page.write_text(f"{before}{START}\n{table}\n{END}{after}")


@contextmanager
def prepared() -> Iterator[None]:
    """Django on an empty database, with a Redis and a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, running_redis(Path(folder) / "redis") as redis:
        os.environ |= {"DATA_DIR": folder, "REDIS_URL": redis, "ALLOWED_HOSTS": "testserver"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "sppnet_app.settings.dev"
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("ensure_admin")
        yield


def costs_at(size: int) -> Costs:
    """Load one dataset more, and ask for everything about it."""
    from django.core.management import call_command
    from django.db import connection

    from annotations.models import Dataset
    from tests.bench.questions import questions

    start = time.monotonic()
    call_command("make_load_data", images=size, masks_per_image=MASKS_AN_IMAGE, seed=size)
    print(f"{size:,} images: loaded in {time.monotonic() - start:.0f} s", flush=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    dataset = Dataset.objects.latest("pk")
    costs = {}
    for name, ask in questions(dataset).items():
        costs[name] = queries, milliseconds = cost_of(ask)
        print(f"{milliseconds:8.1f} ms {queries:3} queries  {name}", flush=True)
    return costs


def cost_of(ask: Callable[[], None]) -> tuple[int, float]:
    """(queries, median milliseconds) of asking once more, when it is no longer the first time."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    queries = len(captured)  # the next request forgets them
    times = []
    for _ in range(TIMES):
        start = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - start))
    return queries, statistics.median(times)


def table_of(results: dict[int, Costs]) -> str:
    """Markdown, a row for each question; the ratio is of the largest dataset to the smallest."""
    sizes = sorted(results)
    head = " | ".join(f"{size:,}" for size in sizes)
    lines = [
        f"| asked for | queries | {head} images | ratio |",
        f"| --- | ---: | {'---: | ' * len(sizes)}---: |",
    ]
    first, last = results[sizes[0]], results[sizes[-1]]
    for name, (_, before) in first.items():
        queries = sorted({results[size][name][0] for size in sizes})
        times = " | ".join(f"{results[size][name][1]:.1f} ms" for size in sizes)
        after = last[name][1]
        flat = after - before < NOISE_MS or after / before <= FLAT
        ratio = f"{after / before:.1f}" if flat else f"**{after / before:.1f}**"
        number = "–".join(map(str, queries))
        lines.append(f"| `{name}` | {number} | {times} | {ratio} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
