"""What a training run has written into its folder so far: numbers, pictures, words."""

import json
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

LINES_SHOWN = 40
_BYTES_READ = 16_384
# A day's training writes thousands of lines; a curve needs no more points than it has pixels.
MOST_POINTS = 300


class TrainingLog:
    """Reads a run's folder, which may not be there yet and changes meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def entries(self) -> list[dict[str, Any]]:
        """The lines of progress.jsonl; what is being written just now comes with the next look."""
        path = self.folder / "progress.jsonl"
        entries = []
        for line in path.read_text().splitlines() if path.exists() else []:
            with suppress(ValueError):
                entries.append(json.loads(line))
        return entries

    @property
    def latest(self) -> dict[str, Any]:
        """The last value of everything that was ever said."""
        latest: dict[str, Any] = {}
        for entry in self.entries:
            latest |= entry
        return latest

    def curve(self, name: str) -> list[tuple[float, float]]:
        """(minutes of training, value) of a number that is told as the training goes."""
        return _thinned(
            [
                (float(entry["minutes"]), float(entry[name]))
                for entry in self.entries
                if "minutes" in entry and isinstance(entry.get(name), int | float)
            ]
        )

    def scores(self, name: str) -> list[tuple[float, float]]:
        """The same of a score on held-out images."""
        return _thinned(
            [
                (float(entry.get("minutes", 0)), float(entry["metrics"][name]))
                for entry in self.entries
                if name in (entry.get("metrics") or {})
            ]
        )

    @property
    def minutes_left(self) -> float | None:
        """How long the training goes on, at its present speed; None before anything is known."""
        share, minutes = self.latest.get("progress"), self.latest.get("minutes")
        if not share or minutes is None:
            return None
        return float(minutes) * (1 - share) / share

    @property
    def words(self) -> str:
        """The last lines that the command has printed."""
        try:
            with (self.folder / "log").open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(size - _BYTES_READ, 0))
                text = file.read().decode(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-LINES_SHOWN:])

    def previews(self, most: int) -> list[int]:
        """Numbers of the pictures of held-out images that are there."""
        folder = self.folder / "previews"
        return [number for number in range(most) if (folder / f"{number}.webp").exists()]

    @property
    def changed_at(self) -> int:
        """When a picture was last drawn: another number makes a browser fetch it again."""
        with suppress(FileNotFoundError):
            return (self.folder / "previews").stat().st_mtime_ns
        return 0


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    step = -(-len(points) // MOST_POINTS) or 1
    return points[::step]
