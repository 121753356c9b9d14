"""Threads that ask at once are answered as each would be alone, several by one run."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import numpy as np
import pytest

from ml.sppnet.engines import sharing
from ml.sppnet.engines.interface import Decoded, Encoded, WindowPrompt
from ml.sppnet.engines.sharing import Together, shared
from ml.sppnet.engines.with_torch import TorchEngine
from ml.sppnet.network import ClickNet
from ml.sppnet.predict import Predictor
from tests.ml.sppnet.conftest import disks
from tests.services import wait_until

CLICKS = [[(30.0, 30.0, True)], [(80.0, 40.0, True)], [(40.0, 90.0, True)]]
# A click on the background is added to each of those: they have two points, this has three.
THREE_CLICKS = [(90.0, 90.0, True), (70.0, 90.0, False), (80.0, 100.0, False)]


class Busy(TorchEngine):
    """As an engine on a GPU: takes four at once, and is busy with its first job until told."""

    def __init__(self, network: ClickNet) -> None:
        super().__init__(network)
        self.batch = 4
        self.free = Event()
        self.sizes: list[int] = []

    def encode(self, pixels: Any) -> Encoded:
        self._begin(len(pixels))
        return super().encode(pixels)

    def decode(self, prompt: WindowPrompt) -> Decoded:
        self._begin(len(prompt.image))
        return super().decode(prompt)

    def _begin(self, size: int) -> None:
        self.sizes.append(size)
        assert self.free.wait(30)


@pytest.fixture
def busy(network: ClickNet) -> Busy:
    return Busy(network)


@pytest.fixture
def alone(network: ClickNet) -> Predictor:
    return Predictor(network, {}, "ab" * 32)


def at_once(together: Any, busy: Busy, jobs: list[Callable[[], Any]]) -> list[Any]:
    """What the jobs give when the engine is busy with the first until all have asked."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        found: list[Future[Any]] = [pool.submit(jobs[0])]
        wait_until(lambda: busy.sizes, "the first job at work")
        found += [pool.submit(job) for job in jobs[1:]]
        wait_until(lambda: len(together._waiting) == len(jobs) - 1, "all others waiting")
        busy.free.set()
        return [each.result() for each in found]


def test_clicks_of_several_people_are_answered_at_once(alone: Predictor, busy: Busy) -> None:
    image = disks(128).pixels
    tile = alone.tiles(128, 128)[0]
    encoding = alone.encode(image, tile)
    clicks = [*CLICKS, THREE_CLICKS, *CLICKS, THREE_CLICKS]
    prior = np.zeros((128, 128), bool)
    prior[20:40, 20:40] = True
    priors = [None, prior, None, None, prior, None, None, prior]
    expected = [
        alone.segment(image, tile, encoding, each, start)
        for each, start in zip(clicks, priors, strict=True)
    ]
    together = shared(alone.running_on(decoder=busy))
    jobs = [
        lambda each=each, start=start: together.segment(image, tile, encoding, each, start)
        for each, start in zip(clicks, priors, strict=True)
    ]
    found = at_once(together.decoder._together, busy, jobs)  # type: ignore[attr-defined]
    # Five with two points were waiting, of which four fit, and two with three.
    assert busy.sizes[0] == 1
    assert sorted(busy.sizes[1:]) == [1, 2, 4]
    for one, other in zip(found, expected, strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-4)
        assert (one.x, one.y) == (other.x, other.y)
        assert (one.mask != other.mask).mean() < 0.001


def test_tiles_of_several_images_are_encoded_at_once(alone: Predictor, busy: Busy) -> None:
    images = [disks(128, seed=seed).pixels for seed in range(4)]
    tile = alone.tiles(128, 128)[0]
    expected = [alone.encode(image, tile) for image in images]
    together = shared(alone.running_on(encoder=busy))
    jobs = [lambda image=image: together.encode(image, tile) for image in images]
    found = at_once(together.encoder._together, busy, jobs)  # type: ignore[attr-defined]
    assert busy.sizes == [1, 3]
    for one, other in zip(found, expected, strict=True):
        for name in other:
            assert np.allclose(one[name].astype(float), other[name].astype(float), atol=0.02), name


def test_one_bad_job_spoils_no_other() -> None:
    free, begun = Event(), Event()

    def run(jobs: list[int]) -> list[int]:
        begun.set()
        assert free.wait(30)
        if 13 in jobs:
            raise ValueError("13 brings bad luck")
        return [2 * job for job in jobs]

    together: Together[int, int] = Together(run, 8)
    with ThreadPoolExecutor(6) as pool:
        found = [pool.submit(together.do, 0, "even", 1)]
        assert begun.wait(30)
        found += [pool.submit(together.do, job, "any", 1) for job in (1, 2, 13, 3, 4)]
        wait_until(lambda: len(together._waiting) == 5, "all others waiting")
        free.set()
        good = [each.result() for each in found if each is not found[3]]
        with pytest.raises(ValueError, match="bad luck"):
            found[3].result()
    assert good == [0, 2, 4, 6, 8]
    assert not together._waiting


def test_who_was_taken_along_is_not_lost_when_the_one_at_work_is_ended() -> None:
    free, begun, ended = Event(), Event(), [False]

    def run(jobs: list[int]) -> list[int]:
        begun.set()
        assert free.wait(30)
        if len(jobs) > 1 and not ended[0]:
            ended[0] = True
            raise SystemExit
        return [2 * job for job in jobs]

    together: Together[int, int] = Together(run, 8)
    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(together.do, 0, "even", 1)]
        assert begun.wait(30)
        found += [pool.submit(together.do, job, "any", 1) for job in (1, 2, 3)]
        wait_until(lambda: len(together._waiting) == 3, "all others waiting")
        free.set()
        outcomes = [each.exception() or each.result() for each in found]
    assert sum(isinstance(outcome, SystemExit) for outcome in outcomes) == 1
    assert {0, 2, 4, 6} >= {each for each in outcomes if isinstance(each, int)}
    assert len([each for each in outcomes if isinstance(each, int)]) == 3


def test_nobody_waits_for_ever_for_an_engine_that_is_stuck(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sharing, "PATIENCE_SECONDS", 0.1)
    free, begun = Event(), Event()

    def run(jobs: list[int]) -> list[int]:
        begun.set()
        assert free.wait(30)
        return jobs

    together: Together[int, int] = Together(run, 8)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(together.do, 1, "any", 1)
        assert begun.wait(30)
        with pytest.raises(TimeoutError, match="at one job"):
            together.do(2, "any", 1)
        free.set()
        assert first.result() == 1
    assert not together._waiting
