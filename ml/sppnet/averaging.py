"""One network from several that went on from the same weights: the mean of their weights.

What such networks learned differs, what they unlearned does, too; the mean often does better than
each (Wortsman et al., Model soups, ICML 2022).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ml.sppnet.checkpoints import Checkpoint, CheckpointError
from ml.sppnet.network import ClickNet, WholeImageNet


def average(checkpoints: Sequence[Checkpoint]) -> ClickNet | WholeImageNet:
    """Raises CheckpointError unless all have the same configuration. Counters, which have no mean,
    are those of the last one."""
    *_, last = checkpoints
    if any(each.config != last.config for each in checkpoints):
        raise CheckpointError("only checkpoints of the same configuration have a mean")
    network = last.network()
    states = [each.network().state_dict() for each in checkpoints]
    network.load_state_dict(
        {
            name: torch.stack([state[name] for state in states]).mean(0)
            if weight.is_floating_point()
            else weight
            for name, weight in states[-1].items()
        }
    )
    return network
