"""Training of the click network: several clicks per encoded crop, corrections included."""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ml.sppnet import checkpoints
from ml.sppnet.config import BOUNDARY, DISTANCE, FOREGROUND, NUCLEUS, TrainConfig
from ml.sppnet.datasets import Mixture
from ml.sppnet.encoder import Features
from ml.sppnet.losses import bce_loss, dice_loss, soft_iou
from ml.sppnet.network import ClickNet
from ml.sppnet.sampling import correction
from ml.sppnet.targets import Prompt, dense_targets, sample_prompts

# Scores a network on held-out images; the value of "score" is what training maximises.
Score = Callable[[ClickNet], dict[str, float]]


class TrainingError(RuntimeError):
    """Training cannot go on; the message says why. The last good state is kept."""


class Batch(NamedTuple):
    """pixels B×3×S×S float [0, 1]; dense B×4×S/2×S/2 (foreground, boundary, distance, valid);
    prompts, each with the index of its crop."""

    pixels: Tensor
    dense: Tensor
    prompts: list[Prompt]
    owner: Tensor


def make_batch(mixture: Mixture, config: TrainConfig, window: int, step: int) -> Batch:
    """The batch of a step: the same for a given seed and step, so that training resumes exactly."""
    rng = np.random.default_rng([config.seed, step])
    pixels, dense, prompts, owner = [], [], [], []
    for index in range(config.crops_per_step):
        crop = mixture.draw(config.crop, config.scale_range, rng)
        pixels.append(crop.pixels)
        dense.append(np.stack(dense_targets(crop.labels)).astype(np.float32))
        for prompt in sample_prompts(crop.labels, window, config.clicks_per_crop, rng):
            prompts.append(prompt)
            owner.append(index)
    return Batch(
        torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float().div_(255),
        torch.from_numpy(np.stack(dense)),
        prompts,
        torch.tensor(owner),
    )


def batches(
    mixture: Mixture, config: TrainConfig, window: int, first: int, ahead: int = 2
) -> Iterator[Batch]:
    """Batches from step ``first`` on, made in the background a few steps ahead."""
    with ThreadPoolExecutor(1) as pool:
        pending = [
            pool.submit(make_batch, mixture, config, window, first + i) for i in range(ahead)
        ]
        step = first + ahead
        while True:
            yield pending.pop(0).result()
            pending.append(pool.submit(make_batch, mixture, config, window, step))
            step += 1


def cut_windows(
    maps: Tensor, prompts: list[Prompt], owner: Tensor, side: int, stride: int
) -> Tensor:
    """The prompts' windows of a map at ``stride``: B×C×h×w to P×C×side/stride×side/stride."""
    size = side // stride
    # Taken apart once: the gradient of a slice is then as large as a crop, not as the batch.
    crops = maps.unbind(0)
    return torch.stack(
        [
            crops[i][:, p.y // stride : p.y // stride + size, p.x // stride : p.x // stride + size]
            for p, i in zip(prompts, owner.tolist(), strict=True)
        ]
    )


def nucleus_loss(logits: Tensor, quality: Tensor, target: Tensor, valid: Tensor) -> Tensor:
    """Mask and predicted-quality loss of clicked nuclei: P×H×W logits, P quality."""
    present = (target.sum((-2, -1)) > 0).float()
    mask = bce_loss(logits, target, valid, positive=3.0) * 2
    mask = mask + dice_loss(logits, target, valid) * present
    rating = (quality - soft_iou(logits.detach(), target, valid) * present) ** 2
    return (mask + rating).mean()


def corrected(
    logits: Tensor, prompts: list[Prompt], points: Tensor, kinds: Tensor, rng: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """The next click on each prompt, at its largest error, and the mask to start from.

    logits P×W/2×W/2 of the answers so far; returns points P×N×2, kinds P×N and prior
    P×1×W/4×W/4.
    """
    points, kinds = points.clone(), kinds.clone()
    answers = (logits > 0).numpy()
    for i, prompt in enumerate(prompts):
        free = np.flatnonzero(kinds[i].numpy() == -1)
        fix = correction(answers[i], prompt.target > 0.5)
        if fix is not None and free.size:
            (x, y), positive = fix
            points[i, free[0]] = torch.tensor([2 * x, 2 * y])
            kinds[i, free[0]] = int(positive)
    prior = F.avg_pool2d(logits.unsqueeze(1), 2).clamp(-8, 8)
    binary = torch.from_numpy(rng.random(len(prompts)) < 0.4).reshape(-1, 1, 1, 1)
    return points, kinds, torch.where(binary, 8 * (prior > 0).float() - 4, prior)


def losses_of(
    network: ClickNet, batch: Batch, config: TrainConfig, step: int
) -> tuple[Tensor, dict[str, float]]:
    """The loss of a batch and its parts by name."""
    rng = np.random.default_rng([config.seed, step, 1])
    window = network.config.window
    device = next(network.parameters()).device
    pixels = batch.pixels.to(device)
    dense = batch.dense.to(device)
    with torch.autocast(device.type, torch.bfloat16):
        features = network.encode(pixels.contiguous(memory_format=torch.channels_last))
        automatic = network.propose(pixels, features)
    logits, valid = automatic.logits.float(), dense[:, 3]
    parts = {
        "foreground": bce_loss(logits[:, FOREGROUND], dense[:, 0], valid)
        + dice_loss(logits[:, FOREGROUND], dense[:, 0], valid),
        "boundary": bce_loss(logits[:, BOUNDARY], dense[:, 1], valid, positive=2.0)
        + 0.5 * dice_loss(logits[:, BOUNDARY], dense[:, 1], valid),
        "distance": 2 * bce_loss(logits[:, DISTANCE], dense[:, 2], valid, positive=2.0),
    }
    loss = torch.stack([part.mean() for part in parts.values()]).sum()
    report = {name: float(part.mean().detach()) for name, part in parts.items()}
    if batch.prompts:
        points = torch.from_numpy(np.stack([p.points for p in batch.prompts]))
        kinds = torch.from_numpy(np.stack([p.labels for p in batch.prompts]))
        target = torch.from_numpy(np.stack([p.target for p in batch.prompts])).to(device)
        known = torch.from_numpy(np.stack([p.valid for p in batch.prompts]).astype(np.float32)).to(
            device
        )

        def answer(
            chosen: Tensor, points: Tensor, kinds: Tensor, prior: Tensor | None
        ) -> tuple[Tensor, Tensor]:
            picked = [batch.prompts[i] for i in chosen.tolist()]
            owner = batch.owner[chosen]
            view = cut_windows(pixels, picked, owner, window, 1)
            local = Features(
                *(
                    cut_windows(m, picked, owner, window, s)
                    for m, s in zip(features, (16, 8, 4), strict=True)
                )
            )
            with torch.autocast(device.type, torch.bfloat16):
                masks = network.decode(
                    view,
                    local,
                    points.to(device),
                    kinds.to(device),
                    None if prior is None else prior.to(device),
                )
            return masks.logits[:, NUCLEUS].float(), masks.quality[:, NUCLEUS].float()

        everyone = torch.arange(len(batch.prompts))
        first, quality = answer(everyone, points, kinds, None)
        click = nucleus_loss(first, quality, target, known)
        report["click"] = float(click.detach())
        report["iou1"] = float(soft_iou(first.detach(), target, known).mean())
        count = max(1, int(len(batch.prompts) * config.refine_fraction))
        some = torch.from_numpy(rng.permutation(len(batch.prompts))[:count])
        more, kinds2, prior = corrected(
            first.detach()[some].cpu(),
            [batch.prompts[i] for i in some],
            points[some],
            kinds[some],
            rng,
        )
        second, quality2 = answer(some, more, kinds2, prior)
        refined = nucleus_loss(second, quality2, target[some], known[some])
        report["refined"] = float(refined.detach())
        report["iou2"] = float(soft_iou(second.detach(), target[some], known[some]).mean())
        loss = loss + 2 * click + refined
    report["loss"] = float(loss.detach())
    return loss, report


@dataclass
class Progress:
    """How far a run has come; saved with it."""

    step: int = 0
    seconds: float = 0.0
    best: float = -1.0


class Run:
    """A resumable training run in a folder: state.pt, best.safetensors, progress.jsonl."""

    def __init__(
        self, network: ClickNet, mixture: Mixture, config: TrainConfig, folder: Path
    ) -> None:
        self.network, self.mixture, self.config, self.folder = network, mixture, config, folder
        folder.mkdir(parents=True, exist_ok=True)
        decayed = [p for p in network.parameters() if p.ndim > 1]
        rest = [p for p in network.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": config.weight_decay},
                {"params": rest, "weight_decay": 0.0},
            ],
            lr=config.learning_rate,
        )
        self.average = copy.deepcopy(network).eval()
        self.progress = Progress()
        if (folder / "state.pt").exists():
            self._restore()

    def _restore(self) -> None:
        state = torch.load(self.folder / "state.pt", weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.progress = Progress(**state["progress"])

    def save(self) -> None:
        """Write the state atomically: a kill at any moment leaves the previous one whole."""
        partial = self.folder / "state.partial"
        torch.save(
            {
                "network": self.network.state_dict(),
                "average": self.average.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "progress": asdict(self.progress),
                "config": asdict(self.config),
            },
            partial,
        )
        os.replace(partial, self.folder / "state.pt")

    def _rate(self, done: float) -> float:
        """Learning rate: linear warm-up by steps, cosine down to 2 % by the share done."""
        warm = min(1.0, (self.progress.step + 1) / self.config.warmup_steps)
        cosine = 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
        return self.config.learning_rate * warm * (0.02 + 0.98 * cosine)

    def log(self, **values: object) -> None:
        with (self.folder / "progress.jsonl").open("a") as file:
            file.write(json.dumps(values) + "\n")

    def train(self, minutes: float, score: Score | None = None, score_every: float = 20.0) -> None:
        """Train until ``minutes`` of training time in all are used up.

        ``score`` is asked every ``score_every`` minutes about the averaged weights; the best are
        kept in best.safetensors. Raises TrainingError when the loss is not a number (the last
        good state stays).
        """
        budget = minutes * 60
        last_save = last_score = last_log = time.monotonic()
        recent: list[dict[str, float]] = []
        source = batches(self.mixture, self.config, self.network.config.window, self.progress.step)
        self.network.train()
        while self.progress.seconds < budget:
            began = time.monotonic()
            report = self.advance(next(source), self.progress.seconds / budget)
            now = time.monotonic()
            self.progress.seconds += now - began
            recent.append(report)
            if now - last_log > 15:
                means = {
                    k: round(float(np.mean([r[k] for r in recent if k in r])), 4)
                    for k in recent[-1]
                }
                self.log(
                    progress=round(min(1.0, self.progress.seconds / budget), 4),
                    step=self.progress.step,
                    minutes=round(self.progress.seconds / 60, 2),
                    **means,
                )
                recent, last_log = [], now
            if now - last_save > 180:
                self.save()
                last_save = now
            if score is not None and now - last_score > score_every * 60:
                self.judge(score)
                last_score = time.monotonic()
        self.save()
        self.judge(score)

    def advance(self, batch: Batch, share_done: float) -> dict[str, float]:
        """One optimiser step on a batch; returns the parts of its loss.

        Raises TrainingError when the loss is not a number, before any weight has changed.
        """
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate(share_done)
        loss, report = losses_of(self.network, batch, self.config, self.progress.step)
        if not torch.isfinite(loss):
            raise TrainingError(
                f"the loss became {loss.item()} at step {self.progress.step}; the state of "
                "the last save is kept — lower the learning rate and start again"
            )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self._update_average()
        self.progress.step += 1
        return report

    def _update_average(self) -> None:
        decay = min(self.config.ema_decay, (1 + self.progress.step) / (10 + self.progress.step))
        with torch.no_grad():
            for mean, value in zip(
                self.average.state_dict().values(), self.network.state_dict().values(), strict=True
            ):
                if mean.is_floating_point():
                    mean.lerp_(value, 1 - decay)
                else:
                    mean.copy_(value)

    def judge(self, score: Score | None) -> None:
        """Score the averaged weights; keep them if none before were better."""
        metrics = score(self.average) if score is not None else {}
        value = metrics.get("score", self.progress.best + 1)
        self.log(step=self.progress.step, metrics=metrics)
        if value > self.progress.best:
            self.progress.best = value
            self.write_best(metrics)

    def write_best(self, metrics: dict[str, float]) -> None:
        checkpoints.save(
            self.folder / "best.safetensors",
            self.average,
            {
                "name": self.folder.name,
                "metrics": metrics,
                "training": {
                    "step": self.progress.step,
                    "minutes": round(self.progress.seconds / 60, 1),
                    **asdict(self.config),
                },
            },
        )
