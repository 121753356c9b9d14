"""One network from several that went on from the same weights: the mean of their weights.

What such networks learned differs, what they unlearned does, too; the mean often does better than
each (Wortsman et al., Model soups, ICML 2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from ml.sppnet.checkpoints import Checkpoint, CheckpointError
from ml.sppnet.network import ClickNet, WholeImageNet


def average(checkpoints: Sequence[Checkpoint]) -> ClickNet | WholeImageNet:
    """Raises CheckpointError unless all have the same configuration. Counters, which have no mean,
    are those of the last one."""
    *_, last = checkpoints
    if any(each.config != last.config for each in checkpoints):
        raise CheckpointError("only checkpoints of the same configuration have a mean")
    # Parts that came later are the mean of those checkpoints that have them.
    known: dict[str, list[torch.Tensor]] = {}
    for each in checkpoints:
        for name, weight in each.state.items():
            known.setdefault(name, []).append(weight)
    state = {
        name: torch.stack([each.float() for each in weights]).mean(0)
        if weights[-1].is_floating_point()
        else weights[-1]
        for name, weights in known.items()
    }
    return replace(last, state=state).network()
