"""Which engines run the active checkpoint, as the page of models shows it."""

from typing import Any

from ml.engine_records import latest
from ml.models import Checkpoint


def engines_of(checkpoint: Checkpoint | None) -> list[dict[str, Any]]:
    """{name, parts} of each engine: what was found of it as encoder, and as decoder. Empty while
    nothing is known."""
    record = latest(checkpoint.sha256) if checkpoint else None
    if record is None:
        return []
    trials = {part: {t["engine"]: t for t in record[f"{part}s"]} for part in ("encoder", "decoder")}
    return [
        {
            "name": name,
            "parts": [
                {**found[name], "chosen": name == record[part]} for part, found in trials.items()
            ],
        }
        for name in trials["encoder"]
        if name in trials["decoder"]
    ]
