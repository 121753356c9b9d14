"""The files of a training run: its state, replaced as a whole, and its log, line by line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch

from ml.sppnet.whole_files import written_whole


class RunFolder:
    """state.pt and progress.jsonl in a folder, which is made if it is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def save(self, state: dict[str, Any]) -> None:
        """Write the state atomically: a kill at any moment leaves the previous one whole, and so
        does a full disk, which is an OSError."""
        # To a path, torch would write by itself, and not tell what the system has said.
        with written_whole(self.path / "state.pt") as partial, partial.open("wb") as file:
            torch.save(state, file)

    def load(self) -> dict[str, Any] | None:
        """The state that was saved last, or None."""
        path = self.path / "state.pt"
        if not path.exists():
            return None
        return torch.load(path, weights_only=True, map_location="cpu")

    def log(self, **values: object) -> None:
        with (self.path / "progress.jsonl").open("a") as file:
            file.write(json.dumps(values) + "\n")

    def forget_after(self, step: int) -> None:
        """Drop what the log tells of later steps: they will be taken again."""
        path = self.path / "progress.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        kept = [line for line in lines if _step_of(line) <= step]
        if len(kept) < len(lines):
            with written_whole(path) as partial:
                partial.write_text("".join(line + "\n" for line in kept))


def _step_of(line: str) -> int:
    try:
        return int(json.loads(line)["step"])
    except (ValueError, KeyError):  # half-written by a process that was killed
        return sys.maxsize
