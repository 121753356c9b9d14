"""Several processes that train one network together (started by torchrun), or one alone."""

from __future__ import annotations

import os
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.distributed import ReduceOp, all_reduce, broadcast, init_process_group, is_initialized
from torch.distributed.nn.functional import all_reduce as differentiable_all_reduce


class Team:
    """``rank`` of ``size`` processes. Each learns from its share of a batch; what they do to the
    weights is the same as if one had seen all of it."""

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size

    @classmethod
    def join(cls) -> Team:
        """The team that torchrun has started this process for."""
        size = int(os.environ.get("WORLD_SIZE", "1"))
        if size == 1:
            return cls()
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        if not is_initialized():
            init_process_group("nccl" if torch.cuda.is_available() else "gloo")
        return cls(int(os.environ["RANK"]), size)

    @property
    def leads(self) -> bool:
        """Whether this process writes and prints for all."""
        return self.rank == 0

    def align(self, network: nn.Module) -> nn.Module:
        """Give everybody the leader's weights, and batch norms that count everybody's images."""
        if self.size == 1:
            return network
        for tensor in network.state_dict().values():
            broadcast(tensor, 0)
        if torch.cuda.is_available():
            return nn.SyncBatchNorm.convert_sync_batchnorm(network)
        for module in network.modules():
            if type(module) is nn.BatchNorm2d:
                # torch's own works on GPUs only; this one has the same weights and statistics.
                module.__class__ = TeamBatchNorm2d
        return network

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """The mean of everybody's gradients, in one message."""
        if self.size == 1:
            return
        learning = [p for p in parameters if p.requires_grad]
        grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in learning]
        flat = torch.cat([g.flatten() for g in grads])
        all_reduce(flat)
        start = 0
        for parameter, grad in zip(learning, grads, strict=True):
            part = flat[start : start + grad.numel()] / self.size
            parameter.grad = part.reshape(grad.shape).clone()
            start += grad.numel()

    def most(self, value: float) -> float:
        """The largest of everybody's values, so that all decide alike and none waits in vain."""
        if self.size == 1:
            return value
        device = "cuda" if torch.cuda.is_available() else "cpu"
        said = torch.tensor(value, dtype=torch.float64, device=device)
        all_reduce(said, ReduceOp.MAX)
        return float(said)


class TeamBatchNorm2d(nn.BatchNorm2d):
    """Batch normalisation over the images of all processes, on any device."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        wide = x.float()
        sums = torch.stack([wide.sum((0, 2, 3)), (wide**2).sum((0, 2, 3))])
        count = torch.tensor([float(x.numel() // x.shape[1])], device=x.device)
        sums = differentiable_all_reduce(sums)
        all_reduce(count)
        mean = sums[0] / count
        variance = sums[1] / count - mean**2
        with torch.no_grad():
            momentum = 0.1 if self.momentum is None else self.momentum
            self.num_batches_tracked.add_(1)
            self.running_mean.lerp_(mean, momentum)
            self.running_var.lerp_(variance * count / (count - 1), momentum)
        scale = self.weight / (variance + self.eps).sqrt()
        shift = self.bias - mean * scale
        return (wide * scale[:, None, None] + shift[:, None, None]).to(x.dtype)
