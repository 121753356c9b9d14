"""What an engine takes and gives: arrays, so that whoever asks need not know what runs inside."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]


class Encoded(NamedTuple):
    """B tiles of S×S px, encoded. float32.

    embedding B×C×S/16×S/16, skip8 B×c×S/8×S/8, skip4 B×c×S/4×S/4; maps B×3×S/2×S/2 in [0, 1]:
    foreground, boundary, distance.
    """

    embedding: Float
    skip8: Float
    skip4: Float
    maps: Float


class WindowPrompt(NamedTuple):
    """P windows of S×S px and what was said in each: the inputs of the exported decoder.

    image P×3×S×S float32 in [0, 1]; embedding P×C×S/16×S/16, skip8 P×c×S/8×S/8, skip4
    P×c×S/4×S/4, float32; points P×N×2 float32 (x, y) in window pixels; labels P×N int64 (1
    positive, 0 negative, 2 and 3 box corners); prior P×1×S/4×S/4 float32 logits of the mask to
    refine, zeros for none.
    """

    image: Float
    embedding: Float
    skip8: Float
    skip4: Float
    points: Float
    labels: NDArray[np.int64]
    prior: Float


class Decoded(NamedTuple):
    """The clicked nuclei of P windows: logits P×S/2×S/2 and predicted IoU P, float32."""

    logits: Float
    scores: Float


class Encoder(Protocol):
    """Encodes tiles, ``batch`` of them at once at best."""

    batch: int

    @property
    def name(self) -> str: ...

    def encode(self, pixels: NDArray[np.uint8]) -> Encoded:
        """pixels: B×S×S×3 RGB, stretched to their levels; S a multiple of 32."""
        ...


class Decoder(Protocol):
    """Answers the clicks in ``batch`` windows at once at best."""

    batch: int

    @property
    def name(self) -> str: ...

    def decode(self, prompt: WindowPrompt) -> Decoded:
        """Takes ``batch`` windows at most."""
        ...


class EngineUnavailable(RuntimeError):
    """This machine cannot run the engine; the message says why."""
