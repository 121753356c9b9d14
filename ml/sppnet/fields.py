"""Fields of view: parts of annotated images, small enough to be annotated in one go."""

from __future__ import annotations

import numpy as np

from ml.sppnet.datasets import Sample


def fields_of(sample: Sample, side: int) -> list[Sample]:
    """An image cut into fields of `side` × `side` pixels, as many as fit without overlap; the
    image itself if none does."""
    height, width = sample.labels.shape
    return [
        Sample(
            f"{sample.name}_{y}_{x}",
            np.ascontiguousarray(sample.pixels[y : y + side, x : x + side]),
            np.ascontiguousarray(sample.labels[y : y + side, x : x + side]),
            sample.scale,
        )
        for y in range(0, height - side + 1, side)
        for x in range(0, width - side + 1, side)
    ] or [sample]


def field_of(sample: Sample, side: int, rng: np.random.Generator) -> Sample:
    """One of them, at random."""
    fields = fields_of(sample, side)
    return fields[int(rng.integers(len(fields)))]
