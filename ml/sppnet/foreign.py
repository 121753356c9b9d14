"""Other people's weights in our network: the authors', MobileSAM's, SAM's, timm's.

Every key of a file is accounted for. What is expected to be left over (TinyViT's classifier, SAM's
encoder where ours is TinyViT) is said; anything else is an error unless it is allowed by name.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from ml.sppnet.checkpoints import CheckpointError
from ml.sppnet.config import ModelConfig, Normalisation

State = dict[str, Tensor]
Origin = Literal["authors", "mobile_sam", "sam", "timm"]

# What each file holds, as parts of our network.
PARTS: dict[Origin, tuple[str, ...]] = {
    "authors": ("encoder.", "prompts.", "decoder.", "low_level."),
    "mobile_sam": ("encoder.", "prompts.", "decoder."),
    "sam": ("prompts.", "decoder."),
    "timm": ("encoder.body.",),
}
# Their names, in the order in which they are replaced by ours.
_TINY_VIT = (
    (r"^image_encoder\.patch_embed\.seq\.0\.", "encoder.body.patch_embed.conv1."),
    (r"^image_encoder\.patch_embed\.seq\.2\.", "encoder.body.patch_embed.conv2."),
    (r"^image_encoder\.neck\.", "encoder.neck."),
    (r"^image_encoder\.layers\.", "encoder.body.stages."),
    (r"(encoder\.body\..*)\.c\.", r"\1.conv."),
)
_PROMPTED = (
    (r"^prompt_encoder\.", "prompts.sam."),
    (r"^mask_decoder\.", "decoder."),
)
_LLSIE = (
    (r"^conv1\.input_layer\.", "low_level.head."),
    (r"^conv1\.", "low_level."),
)
_NAMES: dict[Origin, tuple[tuple[str, str], ...]] = {
    "authors": (*_TINY_VIT, *_PROMPTED, *_LLSIE),
    "mobile_sam": (*_TINY_VIT, *_PROMPTED),
    "sam": ((r"^image_encoder\.", "encoder.body."), *_PROMPTED),
    "timm": ((r"^", "encoder.body."),),
}
# What never runs: TinyViT's classifier.
_UNUSED = re.compile(r"^(image_encoder\.)?(norm_head|head)\.")
_DOWNSAMPLE = re.compile(r"^encoder\.body\.stages\.(\d+)\.downsample\.")


@dataclass
class Report:
    """What became of every key. ``taken`` under the same name; ``renamed`` from theirs to ours;
    ``missing``: ours that the file should have; ``left_over``: theirs that are not wanted, and
    why."""

    origin: Origin
    taken: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    left_over: dict[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        return [
            *(f"taken     {name}" for name in self.taken),
            *(f"renamed   {theirs} -> {ours}" for theirs, ours in self.renamed.items()),
            *(f"missing   {name}" for name in self.missing),
            *(f"left over {name}: {why}" for name, why in self.left_over.items()),
        ]

    def summary(self) -> str:
        return (
            f"{self.origin}: {len(self.taken) + len(self.renamed)} taken "
            f"({len(self.renamed)} renamed), {len(self.missing)} missing, "
            f"{len(self.left_over)} left over"
        )


class UnexpectedKeys(CheckpointError):
    """A file that is not as its origin's are; ``report`` has every key."""

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(message)
        self.report = report


def read_foreign(path: Path) -> State:
    """The tensors of a PyTorch file, which may hold nothing else. Raises CheckpointError."""
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"there is no file at {path}") from None
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        reason = str(error).partition("\n")[0]
        if "allocate" in reason:
            raise CheckpointError(f"{path.name} needs more memory than it may have") from None
        raise CheckpointError(
            f"{path.name} is not a file of weights alone, which is all that is read: {reason}"
        ) from None
    for wrapper in ("state_dict", "model"):
        if isinstance(loaded, Mapping) and isinstance(loaded.get(wrapper), Mapping):
            loaded = loaded[wrapper]
    if not isinstance(loaded, Mapping) or not all(isinstance(v, Tensor) for v in loaded.values()):
        raise CheckpointError(f"{path.name} holds more than named tensors")
    # DataParallel puts a prefix before every name.
    return {str(name).removeprefix("module."): value for name, value in loaded.items()}


def origin_of(state: State) -> Origin:
    """Whose weights these are, by their names. Raises CheckpointError for unknown ones."""
    names = set(state)
    if any(name.startswith("conv1.input_layer.") for name in names):
        return "authors"
    if "image_encoder.patch_embed.seq.0.c.weight" in names:
        return "mobile_sam"
    if "image_encoder.pos_embed" in names:
        return "sam"
    if "patch_embed.conv1.conv.weight" in names:
        return "timm"
    raise CheckpointError(
        f"these weights are of no known network (first key: {min(names, default='none')}); known "
        "are the authors' SPPNet, MobileSAM, SAM and timm's TinyViT"
    )


def config_for(origin: Origin, normalisation: Normalisation, with_encoder: str = "") -> ModelConfig:
    """The variant that a file fits. The authors' code adds LLSIE before masks are formed.

    ``with_encoder``: SAM's, by our name of it, if that is to be taken, too.
    """
    if origin == "authors":
        return ModelConfig.paper(fusion="add", normalisation=normalisation)
    if with_encoder:
        return ModelConfig.paper(encoder=with_encoder, low_level="none")
    return ModelConfig.paper()


def our_name(name: str, origin: Origin) -> str:
    """What a tensor of theirs is called in our network."""
    for pattern, ours in _NAMES[origin]:
        name = re.sub(pattern, ours, name)
    if origin in ("authors", "mobile_sam"):
        # timm shrinks the map at the start of a stage, the others at the end of the one before.
        return _DOWNSAMPLE.sub(
            lambda m: f"encoder.body.stages.{int(m.group(1)) + 1}.downsample.", name
        )
    return name


def take(
    network: nn.Module,
    state: State,
    origin: Origin,
    with_encoder: bool = False,
    allowed: Sequence[str] = (),
) -> Report:
    """Put their tensors into our network, in place.

    ``allowed``: names, or beginnings of names, that may be missing, left over or of another shape.
    Raises UnexpectedKeys naming them; the network is then unchanged.
    """
    own = network.state_dict()
    parts = PARTS[origin] + (("encoder.",) if with_encoder else ())
    report, given = Report(origin), {}
    faults: list[str] = []
    for theirs, value in state.items():
        ours = our_name(theirs, origin)
        why = _why_not(theirs, ours, value, own, parts)
        if why is None:
            given[ours] = value.float() if value.is_floating_point() else value
            if ours == theirs:
                report.taken.append(theirs)
            else:
                report.renamed[theirs] = ours
            continue
        report.left_over[theirs] = why
        if why.startswith("!") and not theirs.startswith(tuple(allowed)):
            faults.append(f"{theirs} ({why.removeprefix('!')})")
    report.left_over = {name: why.removeprefix("!") for name, why in report.left_over.items()}
    report.missing = sorted(k for k in own if k.startswith(parts) and k not in given)
    # The convolution that joins the block to the mask is ours alone.
    expected = ("decoder.fuse.", *allowed)
    faults += [f"{k} (missing)" for k in report.missing if not k.startswith(expected)]
    if faults:
        raise UnexpectedKeys(
            f"{len(faults)} keys are not as expected: {', '.join(faults[:5])}"
            f"{' …' if len(faults) > 5 else ''}; `python -m ml.sppnet import --allow NAME` takes "
            "the file without them",
            report,
        )
    network.load_state_dict(own | given)
    return report


def _why_not(
    theirs: str, ours: str, value: Tensor, own: State, parts: tuple[str, ...]
) -> str | None:
    """Why a tensor is not taken; with ! in front if that was not to be expected."""
    if _UNUSED.match(theirs):
        return "the classifier's, which never runs"
    if theirs.startswith("image_encoder.") and not any(p.startswith("encoder.") for p in parts):
        return "SAM's encoder, not asked for"
    if ours not in own:
        return "!unknown"
    if own[ours].shape != value.shape:
        return f"!of shape {_shape(value)}, not {_shape(own[ours])}"
    return None


def _shape(value: Any) -> str:
    return "×".join(map(str, value.shape)) or "scalar"
