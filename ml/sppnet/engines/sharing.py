"""One engine for many threads: what they ask while it is busy, it does next, all at once.

Nobody waits for others to come, so a lone click is as quick as without; the busier the engine is,
the larger its batches grow, up to what suits it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ml.sppnet.engines.interface import Decoded, Decoder, Encoded, Encoder, WindowPrompt
from ml.sppnet.predict import Predictor

# An engine that is at one job for so long will not come back; no task is given more time.
PATIENCE_SECONDS = 60

Job = TypeVar("Job")
Done = TypeVar("Done")
E = TypeVar("E", Encoder, Decoder)
Found = TypeVar("Found", Encoded, Decoded)


def shared(predictor: Predictor) -> Predictor:
    """The predictor with engines that any number of threads may use at once."""
    return predictor.running_on(
        _SharedEncoder(predictor.encoder), _SharedDecoder(predictor.decoder)
    )


class _Asked(Generic[Job, Done]):
    """A job of ``size`` rows that waits for its turn, among others of its ``kind``."""

    def __init__(self, job: Job, kind: Hashable, size: int) -> None:
        self.job, self.kind, self.size = job, kind, size
        self.done: Done | None = None


class Together(Generic[Job, Done]):
    """Has ``run`` do jobs of one kind together, ``most`` rows at once, one batch at a time. A
    single job may have more rows than that."""

    def __init__(self, run: Callable[[list[Job]], list[Done]], most: int) -> None:
        self._run, self._most = run, most
        self._waiting: list[_Asked[Job, Done]] = []
        self._list = Lock()
        self._engine = Lock()

    def do(self, job: Job, kind: Hashable, size: int) -> Done:
        """What ``run`` makes of the job. Raises what it raises for this job alone."""
        asked: _Asked[Job, Done] = _Asked(job, kind, size)
        with self._list:
            self._waiting.append(asked)
        if not self._engine.acquire(timeout=PATIENCE_SECONDS):
            with self._list:
                self._waiting = [each for each in self._waiting if each is not asked]
            raise TimeoutError(f"the engine has been at one job for {PATIENCE_SECONDS} seconds")
        try:
            # While this one waited for the engine, another may have taken it along.
            if asked.done is None:
                self._do_with(asked)
        finally:
            self._engine.release()
        assert asked.done is not None
        return asked.done

    def _do_with(self, asked: _Asked[Job, Done]) -> None:
        batch = self._take(asked)
        try:
            found = self._run([each.job for each in batch])
        except BaseException as error:
            # Whose fault it is nobody knows: this one goes alone, the others when it is their turn.
            with self._list:
                self._waiting = [*batch[1:], *self._waiting]
            if len(batch) == 1 or not isinstance(error, Exception):
                raise
            batch, found = [asked], self._run([asked.job])
        for each, done in zip(batch, found, strict=True):
            each.done = done

    def _take(self, asked: _Asked[Job, Done]) -> list[_Asked[Job, Done]]:
        """The job and those of its kind that came first, as many as fit; they wait no more."""
        with self._list:
            self._waiting.remove(asked)
            batch, rows = [asked], asked.size
            for each in self._waiting:
                if each.kind == asked.kind and rows + each.size <= self._most:
                    batch.append(each)
                    rows += each.size
            self._waiting = [each for each in self._waiting if each not in batch]
        return batch


class _Shared(Generic[E, Job, Found]):
    """What is shared of an encoder and of a decoder: ``run`` does a job, ``join`` makes one of
    several, whose sizes tell what of the result is whose."""

    def __init__(
        self, engine: E, run: Callable[[Job], Found], join: Callable[[list[Job]], Job]
    ) -> None:
        self._engine: E = engine
        self._run: Callable[[Job], Found] = run
        self._join = join
        self.batch = engine.batch
        self._together: Together[tuple[Job, int], Found] = Together(self._at_once, self.batch)

    @property
    def name(self) -> str:
        return self._engine.name

    def _ask(self, job: Job, kind: Hashable, size: int) -> Found:
        return self._together.do((job, size), kind, size)

    def _at_once(self, asked: list[tuple[Job, int]]) -> list[Found]:
        jobs, sizes = zip(*asked, strict=True)
        if len(jobs) == 1:
            return [self._run(jobs[0])]
        found = self._run(self._join(list(jobs)))
        ends = np.cumsum(sizes)[:-1]
        parts = zip(*(np.split(array, ends) for array in found), strict=True)
        return [type(found)(*each) for each in parts]


class _SharedEncoder(_Shared[Encoder, NDArray[np.uint8], Encoded]):
    """Encodes tiles of one side together, whatever images they are of."""

    def __init__(self, engine: Encoder) -> None:
        super().__init__(engine, engine.encode, np.concatenate)

    def encode(self, pixels: NDArray[np.uint8]) -> Encoded:
        return self._ask(pixels, pixels.shape[1:], len(pixels))


class _SharedDecoder(_Shared[Decoder, WindowPrompt, Decoded]):
    """Answers clicks together where each has as many points."""

    def __init__(self, engine: Decoder) -> None:
        super().__init__(engine, engine.decode, _joined)

    def decode(self, prompt: WindowPrompt) -> Decoded:
        # Padding clicks to one number would change the answers a little.
        kind = (prompt.image.shape[1:], prompt.points.shape[1])
        return self._ask(prompt, kind, len(prompt.image))


def _joined(prompts: list[WindowPrompt]) -> WindowPrompt:
    return WindowPrompt(*map(np.concatenate, zip(*prompts, strict=True)))
