"""A training run in a folder: the same loop for every network, resumed where it was stopped."""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from ml.sppnet import checkpoints
from ml.sppnet.code_version import code_version
from ml.sppnet.config import Recipe
from ml.sppnet.curves import draw_curves
from ml.sppnet.encoder import attend_by_steps
from ml.sppnet.optimise import move_towards, optimiser_for, rate, update_average
from ml.sppnet.run_folder import RunFolder
from ml.sppnet.team import Team

# Scores a network on held-out images; the value of "score" is what training maximises.
Score = Callable[[Any], dict[str, float]]

SAVE_EVERY_SECONDS = 60
LOG_EVERY_SECONDS = 15


class TrainingError(RuntimeError):
    """Training cannot go on; the message says why. The last good state is kept."""


class Task(Protocol):
    """What a network learns."""

    @property
    def steps_per_epoch(self) -> int: ...

    @property
    def images_per_batch(self) -> int: ...

    def batch(self, index: int) -> Any:
        """The batch of that number: always the same, so that training resumes exactly."""

    def loss(self, network: Any, batch: Any, index: int) -> tuple[Tensor, dict[str, float]]:
        """The loss of a batch, and its parts by name."""


@dataclass(frozen=True)
class Budget:
    """How much a run trains in all: minutes of training time, epochs, or what ends first. None
    sets no limit."""

    minutes: float | None = None
    epochs: float | None = None

    def share(self, minutes: float, epochs: float) -> float:
        """The share that is used up, 1 when it is all."""
        limits = ((minutes, self.minutes), (epochs, self.epochs))
        shares = [used / limit if limit else 1.0 for used, limit in limits if limit is not None]
        return min(1.0, max(shares, default=0.0))


@dataclass
class Progress:
    """How far a run has come; saved with it. ``judged``: at which step last; ``stale``: how many
    times since the best."""

    step: int = 0
    seconds: float = 0.0
    best: float = -1.0
    judged: int = -1
    stale: int = 0


@dataclass
class Recent:
    """What happened since the last line of the log."""

    reports: list[dict[str, float]] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)

    def means(self) -> dict[str, float]:
        named = {name for report in self.reports for name in report}
        return {
            name: round(float(np.mean([r[name] for r in self.reports if name in r])), 4)
            for name in sorted(named)
        }


class Run:
    """A resumable training run in a folder: state.pt, best.safetensors, progress.jsonl, and
    curves.csv and curves.png drawn from it."""

    def __init__(
        self,
        network: nn.Module,
        task: Task,
        recipe: Recipe,
        folder: Path,
        team: Team | None = None,
        clock: Callable[[], float] = time.monotonic,
        origin: Mapping[str, Any] | None = None,
    ) -> None:
        """``clock``: in seconds; what it says between a step's begin and end counts as training.
        ``origin``: what the weights come from, as their file is to say it."""
        self.task, self.recipe, self.clock = task, recipe, clock
        self.origin = {**(origin or {}), "code": code_version()}
        self.folder, self.files = folder, RunFolder(folder)
        self.team = team or Team()
        self.network: Any = self.team.align(network)
        self.optimiser = optimiser_for(self.network, recipe)
        self.average = copy.deepcopy(self.network).eval()
        self.beginning = copy.deepcopy(self.average) if recipe.anchor else None
        if next(network.parameters()).device.type == "cpu":
            attend_by_steps(self.network)
        self.progress = Progress()
        state = self.files.load()
        if state is not None:
            self._restore(state)
        if self.team.leads:
            # Without a state nothing of the log is true any more.
            self.files.forget_after(-1 if state is None else self.progress.step)

    def _restore(self, state: dict[str, Any]) -> None:
        # A run from before a part was added goes on with it as it is built.
        added = checkpoints.added_to(state["network"], self.network)
        try:
            self.network.load_state_dict(added | state["network"])
        except RuntimeError:
            raise TrainingError(
                f"{self.folder} holds a run of another network; choose another folder"
            ) from None
        self.average.load_state_dict(added | state["average"])
        if not added:
            self.optimiser.load_state_dict(state["optimiser"])
        self.progress = Progress(**state["progress"])
        if "random" in state:
            torch.set_rng_state(state["random"])

    def save(self) -> None:
        """Keep everything that going on needs."""
        if self.team.leads:
            self.files.save(
                {
                    "network": self.network.state_dict(),
                    "average": self.average.state_dict(),
                    "optimiser": self.optimiser.state_dict(),
                    "progress": asdict(self.progress),
                    "config": asdict(self.recipe),
                    "random": torch.get_rng_state(),
                }
            )

    def log(self, **values: object) -> None:
        if self.team.leads:
            self.files.log(**values)

    @property
    def epochs(self) -> float:
        return self.progress.step / self.task.steps_per_epoch

    def share(self, budget: Budget) -> float:
        """How much of the budget is used up; the same in every process."""
        return budget.share(self.progress.seconds / 60, self.epochs)

    def train(
        self, budget: Budget, score: Score | None = None, score_minutes: float | None = None
    ) -> None:
        """Train until the budget is used up, or patience is.

        ``score`` is asked about the averaged weights after every epoch, or every
        ``score_minutes``; the best are kept in best.safetensors. Raises TrainingError when the
        loss is not a number (the last good state stays).
        """
        last_save = last_score = time.monotonic()
        recent = Recent()
        per_step = self.recipe.accumulate
        source = ahead(self.task.batch, self.progress.step * per_step)
        self.network.train()
        bar = tqdm(
            total=100,
            initial=round(100 * self.share(budget), 1),
            bar_format="{l_bar}{bar}| {elapsed}<{remaining}{postfix}",
            disable=not (self.team.leads and sys.stderr.isatty()),
        )
        with bar:
            while not self._ends(budget):
                began = self.clock()
                batches = [next(source) for _ in range(per_step)]
                recent.reports.append(self.advance(batches, self.share(budget)))
                self.progress.seconds += self.team.most(self.clock() - began)
                now = time.monotonic()
                bar.n = round(100 * self.share(budget), 1)
                bar.refresh()
                if now - recent.since > LOG_EVERY_SECONDS:
                    recent = self._tell(recent, budget, bar)
                due = self._is_time(score_minutes, now - last_score) and not self._ends(budget)
                if due and score is not None:
                    self.judge(score)
                    last_score = time.monotonic()
                if now - last_save > SAVE_EVERY_SECONDS:
                    self.save()
                    last_save = time.monotonic()
        if recent.reports:
            self._tell(recent, budget, bar)
        if self.progress.judged < self.progress.step or self.progress.best < 0:
            self.judge(score)
        self.save()

    def _is_time(self, minutes: float | None, seconds: float) -> bool:
        if minutes is None:
            return self.progress.step % self.task.steps_per_epoch == 0
        return self.team.most(seconds) > minutes * 60

    def _ends(self, budget: Budget) -> bool:
        impatient = 0 < self.recipe.patience <= self.progress.stale
        return impatient or self.share(budget) >= 1

    def _tell(self, recent: Recent, budget: Budget, bar: tqdm) -> Recent:
        """Write what happened into the log, and what of it is news into the bar."""
        seconds = max(time.monotonic() - recent.since, 1e-9)
        images = len(recent.reports) * self.recipe.accumulate * self.task.images_per_batch
        speed = round(images * self.team.size / seconds, 2)
        means = recent.means()
        self.log(
            progress=round(self.share(budget), 4),
            step=self.progress.step,
            epoch=round(self.epochs, 2),
            minutes=round(self.progress.seconds / 60, 2),
            images_per_second=speed,
            **means,
        )
        bar.set_postfix_str(f"{speed} images/s, loss {means.get('loss', 0):.3f}")
        return Recent()

    def advance(self, batches: Sequence[Any], share_done: float) -> dict[str, float]:
        """One optimiser step on the mean gradient of the batches; returns the parts of the loss.

        Raises TrainingError when the loss is not a number, before any weight has changed.
        """
        for group in self.optimiser.param_groups:
            group["lr"] = rate(self.recipe, self.progress.step, share_done)
        self.optimiser.zero_grad(set_to_none=True)
        reports = []
        for offset, batch in enumerate(batches):
            index = self.progress.step * len(batches) + offset
            loss, report = self.task.loss(self.network, batch, index)
            self._check(loss, "loss")
            (loss / len(batches)).backward()
            reports.append(report)
        self.team.average_gradients(self.network.parameters())
        learning = [p for p in self.network.parameters() if p.requires_grad]
        self._check(nn.utils.clip_grad_norm_(learning, self.recipe.clip_norm), "gradient")
        self.optimiser.step()
        if self.recipe.ema_decay:
            update_average(self.average, self.network, self.recipe.ema_decay, self.progress.step)
        self.progress.step += 1
        return Recent(reports).means() if len(reports) > 1 else reports[0]

    def _check(self, value: Tensor, what: str) -> None:
        if self.team.most(float(not torch.isfinite(value))):
            raise TrainingError(
                f"the {what} became {value.item()} at step {self.progress.step}; the state of "
                "the last save is kept — lower the learning rate and start again"
            )

    def judge(self, score: Score | None) -> None:
        """Score the averaged weights; keep them if none before were better."""
        if not self.recipe.ema_decay:
            update_average(self.average, self.network, 0.0, self.progress.step)
        candidate = self._anchored()
        # TinyViT keeps a copy of its attention biases until it is told to learn.
        candidate.train().eval()
        metrics = score(candidate) if score is not None else {}
        value = metrics.get("score", self.progress.best + 1)
        self.log(
            step=self.progress.step,
            epoch=round(self.epochs, 2),
            minutes=round(self.progress.seconds / 60, 2),
            metrics=metrics,
        )
        self.progress.judged = self.progress.step
        self.progress.stale += 1
        if value > self.progress.best:
            self.progress.best, self.progress.stale = value, 0
            self._write_best(candidate, metrics)
        if self.team.leads:
            draw_curves(self.folder)

    def _anchored(self) -> nn.Module:
        """The averaged weights, brought back towards the beginning as far as the recipe says."""
        if self.beginning is None:
            return self.average
        anchored = copy.deepcopy(self.average)
        move_towards(anchored, self.beginning, self.recipe.anchor)
        return anchored

    def _write_best(self, network: nn.Module, metrics: dict[str, float]) -> None:
        if not self.team.leads:
            return
        checkpoints.save(
            self.folder / "best.safetensors",
            network,
            {
                "name": self.folder.name,
                "metrics": metrics,
                "origin": self.origin,
                "training": {
                    "step": self.progress.step,
                    "minutes": round(self.progress.seconds / 60, 1),
                    **asdict(self.recipe),
                },
            },
        )


def ahead(make: Callable[[int], Any], first: int, depth: int = 2) -> Iterator[Any]:
    """Batches from number ``first`` on, made in the background a few ahead."""
    with ThreadPoolExecutor(1) as pool:
        pending = [pool.submit(make, first + i) for i in range(depth)]
        index = first + depth
        while True:
            yield pending.pop(0).result()
            pending.append(pool.submit(make, index))
            index += 1
