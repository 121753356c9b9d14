"""What the click network learns: several clicks per encoded crop, corrections included."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ml.sppnet.config import BOUNDARY, DISTANCE, FOREGROUND, NUCLEUS, TrainConfig
from ml.sppnet.datasets import Mixture
from ml.sppnet.encoder import Features
from ml.sppnet.losses import bce_loss, dice_loss, soft_iou
from ml.sppnet.network import ClickNet, as_images
from ml.sppnet.sampling import correction
from ml.sppnet.targets import Prompt, dense_targets, sample_prompts
from ml.sppnet.team import Team

# As many clicks follow the first one at most.
CORRECTIONS = 3


class Batch(NamedTuple):
    """pixels B×3×S×S float [0, 1]; dense B×5×S/2×S/2 (see :class:`ml.sppnet.targets.Dense`);
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
        clicks, crowded = config.clicks_per_crop, config.crowded
        for prompt in sample_prompts(crop.labels, window, clicks, rng, crowded):
            prompts.append(prompt)
            owner.append(index)
    return Batch(
        as_images(pixels),
        torch.from_numpy(np.stack(dense)),
        prompts,
        torch.tensor(owner),
    )


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


def nucleus_loss(
    logits: Tensor, quality: Tensor, target: Tensor, valid: Tensor, emphasis: Tensor
) -> Tensor:
    """Mask and predicted-quality loss of clicked nuclei: P×H×W logits, P quality; ``emphasis``
    (P×H×W): how much more than others a pixel weighs."""
    present = (target.sum((-2, -1)) > 0).float()
    mask = bce_loss(logits, target, valid, positive=3.0, emphasis=emphasis) * 2
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


def proposal_losses(logits: Tensor, dense: Tensor, emphasis: float) -> dict[str, Tensor]:
    """Losses of the maps that need no click: B×4×S/2×S/2 logits against :attr:`Batch.dense`;
    ``emphasis``: how much more a pixel weighs between nuclei."""
    foreground, boundary, distance, valid, between = dense.unbind(1)
    crowded = emphasis * between
    return {
        "foreground": bce_loss(logits[:, FOREGROUND], foreground, valid)
        + dice_loss(logits[:, FOREGROUND], foreground, valid),
        "boundary": bce_loss(logits[:, BOUNDARY], boundary, valid, 2.0, crowded)
        + 0.5 * dice_loss(logits[:, BOUNDARY], boundary, valid),
        "distance": 2 * bce_loss(logits[:, DISTANCE], distance, valid, 2.0, crowded),
    }


class Clicked:
    """The prompts of a batch, answered by a network from the batch's features."""

    def __init__(
        self,
        network: ClickNet,
        batch: Batch,
        pixels: Tensor,
        features: Features,
        config: TrainConfig,
    ) -> None:
        self.network, self.batch, self.config = network, batch, config
        self.pixels, self.features = pixels, features
        prompts, device = batch.prompts, pixels.device
        self.points = torch.from_numpy(np.stack([p.points for p in prompts]))
        self.kinds = torch.from_numpy(np.stack([p.labels for p in prompts]))
        self.target = torch.from_numpy(np.stack([p.target for p in prompts])).to(device)
        known = np.stack([p.valid for p in prompts]).astype(np.float32)
        self.known = torch.from_numpy(known).to(device)
        others = torch.from_numpy(np.stack([p.others for p in prompts])).to(device)
        self.emphasis = config.between * others

    def answer(
        self, chosen: Tensor, points: Tensor, kinds: Tensor, prior: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Masks P×W/2×W/2 (logits) and quality P of the chosen prompts."""
        device, window = self.pixels.device, self.network.config.window
        cut = partial(
            cut_windows,
            prompts=[self.batch.prompts[i] for i in chosen.tolist()],
            owner=self.batch.owner[chosen],
            side=window,
        )
        local = Features(
            *(cut(m, stride=s) for m, s in zip(self.features, (16, 8, 4), strict=True))
        )
        prior = None if prior is None else prior.to(device)
        view = cut(self.pixels, stride=1)
        with torch.autocast(device.type, torch.bfloat16, enabled=self.config.bf16):
            masks = self.network.decode(view, local, points.to(device), kinds.to(device), prior)
        return masks.logits[:, NUCLEUS].float(), masks.quality[:, NUCLEUS].float()

    def losses(self, rng: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
        """The loss of first clicks on all, and of up to CORRECTIONS further ones: a share
        ``refine_fraction`` of the answers is corrected once, half of those twice, and so on."""
        refine = self.config.refine_fraction
        count = len(self.batch.prompts)
        chosen, points, kinds = torch.arange(count), self.points, self.kinds
        logits, quality = self.answer(chosen, points, kinds)
        click = nucleus_loss(logits, quality, self.target, self.known, self.emphasis)
        ious = [float(soft_iou(logits.detach(), self.target, self.known).mean())]
        refined, answers = logits.new_zeros(()), 0
        for number in range(CORRECTIONS):
            size = int(count * refine / 2**number)
            if not size:
                break
            some = torch.from_numpy(rng.permutation(len(chosen))[:size])
            chosen = chosen[some]
            points, kinds, prior = corrected(
                logits.detach()[some].cpu(),
                [self.batch.prompts[i] for i in chosen],
                points[some],
                kinds[some],
                rng,
            )
            logits, quality = self.answer(chosen, points, kinds, prior)
            target, known = self.target[chosen], self.known[chosen]
            loss = nucleus_loss(logits, quality, target, known, self.emphasis[chosen])
            refined = refined + loss * len(chosen)
            answers += len(chosen)
            ious.append(float(soft_iou(logits.detach(), target, known).mean()))
        refined = refined / max(answers, 1)
        report = {"click": float(click.detach()), "refined": float(refined.detach())}
        report |= {f"iou{number}": iou for number, iou in enumerate(ious, start=1)}
        return 2 * click + refined, report


def losses_of(
    network: ClickNet, batch: Batch, config: TrainConfig, step: int
) -> tuple[Tensor, dict[str, float]]:
    """The loss of a batch and its parts by name."""
    rng = np.random.default_rng([config.seed, step, 1])
    device = next(network.parameters()).device
    pixels, dense = batch.pixels.to(device), batch.dense.to(device)
    layout = torch.channels_last if config.channels_last else torch.contiguous_format
    with torch.autocast(device.type, torch.bfloat16, enabled=config.bf16):
        features = network.encode(pixels.contiguous(memory_format=layout))
        logits = network.propose(pixels, features).logits.float()
    proposed = proposal_losses(logits, dense, config.between)
    parts = {name: part.mean() for name, part in proposed.items()}
    loss = torch.stack(list(parts.values())).sum()
    report = {name: float(part.detach()) for name, part in parts.items()}
    if batch.prompts:
        clicked = Clicked(network, batch, pixels, features, config)
        more, clicks = clicked.losses(rng)
        loss, report = loss + more, report | clicks
    report["loss"] = float(loss.detach())
    return loss, report


class ClickTask:
    """Random crops of a mixture of sets, several prompts in each. In a team everybody draws crops
    of their own: a batch is as many times larger."""

    def __init__(
        self, mixture: Mixture, config: TrainConfig, window: int, team: Team | None = None
    ) -> None:
        self.mixture, self.config, self.window = mixture, config, window
        self.team = team or Team()
        self.images_per_batch = config.crops_per_step
        images = sum(len(samples) for samples in mixture.sets.values())
        self.steps_per_epoch = max(1, images // (config.crops_per_step * self.team.size))

    def batch(self, index: int) -> Batch:
        number = index * self.team.size + self.team.rank
        return make_batch(self.mixture, self.config, self.window, number)

    def loss(self, network: ClickNet, batch: Batch, index: int) -> tuple[Tensor, dict[str, float]]:
        return losses_of(network, batch, self.config, index)
