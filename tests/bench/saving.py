"""What the history costs: a save with and without its event, alternating in one run.

python -m tests.bench.saving                               on SQLite
python tests/with_postgres.py python -m tests.bench.saving  on PostgreSQL
"""

import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from unittest.mock import patch
from uuid import uuid4

SAVES = 400
WARM_UP = 40


def main() -> None:
    import django
    from django.db import connection
    from django.test.utils import CaptureQueriesContext, setup_test_environment

    django.setup()
    setup_test_environment()
    name = connection.creation.create_test_db(verbosity=0)
    try:
        from rest_framework.test import APIClient

        from annotations.services.dataset import create_dataset
        from tests.factories import make_image, make_user, wire_mask

        person = make_user("person")
        image = make_image(create_dataset(user=person, name="Saving"), person)
        client = APIClient()
        client.force_login(person)

        def save(with_event: bool) -> float:
            body = {"image": image.pk, "origin": "drawn", "version": 0, **wire_mask()}
            with ExitStack() as stack:
                # No Redis, and no counting, which an event brings along.
                for other in ("mask.publish", "flow.publish", "event.note_event"):
                    stack.enter_context(patch(f"annotations.services.{other}"))
                if not with_event:
                    stack.enter_context(patch("annotations.services.mask.record_mask"))
                start = time.perf_counter()
                answer = client.put(f"/api/masks/{uuid4()}/", body)
                elapsed = time.perf_counter() - start
            assert answer.status_code == 201, answer.content
            return elapsed

        for number in range(WARM_UP):
            save(bool(number % 2))
        queries = []
        for with_event in (True, False):
            with CaptureQueriesContext(connection) as captured:
                save(with_event)
            queries.append(len(captured))
        times: dict[bool, list[float]] = {True: [], False: []}
        for number in range(SAVES):
            times[bool(number % 2)].append(save(bool(number % 2)))
        medians = {key: 1000 * statistics.median(values) for key, values in times.items()}
        print(f"{connection.vendor}, {SAVES // 2} saves each, medians")
        print(f"with its event     {medians[True]:6.2f} ms  {queries[0]} queries")
        print(f"without            {medians[False]:6.2f} ms  {queries[1]} queries")
        print(f"ratio              {medians[True] / medians[False]:6.2f}")
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sppnet_app.settings.test")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = folder
        main()
