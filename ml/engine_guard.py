"""Torch behind a faster engine, for the day that the engine fails."""

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np
from celery.exceptions import SoftTimeLimitExceeded
from numpy.typing import NDArray

from ml.sppnet.engines.choice import reason
from ml.sppnet.engines.interface import Decoded, Decoder, Encoded, Encoder, WindowPrompt
from ml.sppnet.predict import Predictor

logger = logging.getLogger(__name__)

E = TypeVar("E", Encoder, Decoder)
Found = TypeVar("Found", Encoded, Decoded)


def guarded(equipped: Predictor, torch: Predictor) -> Predictor:
    """The predictor `equipped` with faster engines, each with that of `torch` behind it."""
    return equipped.running_on(
        _GuardedEncoder(equipped.encoder, torch.encoder),
        _GuardedDecoder(equipped.decoder, torch.decoder),
    )


class _Guarded(Generic[E]):
    """Runs `engine` until it raises, or gives numbers that are not finite, where torch does not:
    that job gets torch's answer, and so does every later one."""

    def __init__(self, engine: E, torch: E) -> None:
        self._engine: E = engine
        self._torch: E = torch
        self.name = engine.name
        self.batch = engine.batch

    def _run(self, job: Callable[[E], Found]) -> Found:
        if self._engine is self._torch:
            return job(self._torch)
        try:
            found = job(self._engine)
            if _finite(found):
                return found
            fault = "its numbers are not finite"
        except SoftTimeLimitExceeded:  # no fault of the engine, and no time to begin anew
            raise
        except Exception as error:
            fault = reason(error)
        found = job(self._torch)
        # What torch cannot do either is the fault of the job.
        if _finite(found):
            logger.error("Torch answers from now on: %s failed (%s)", self.name, fault)
            self._engine, self.name = self._torch, self._torch.name
        return found


class _GuardedEncoder(_Guarded[Encoder]):
    def encode(self, pixels: NDArray[np.uint8]) -> Encoded:
        return self._run(lambda engine: engine.encode(pixels))


class _GuardedDecoder(_Guarded[Decoder]):
    def decode(self, prompt: WindowPrompt) -> Decoded:
        return self._run(lambda engine: engine.decode(prompt))


def _finite(numbers: Encoded | Decoded) -> bool:
    return all(bool(np.isfinite(each).all()) for each in numbers)
