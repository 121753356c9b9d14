"""Make a checkpoint of ours from other people's weights."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import torch
from safetensors import SafetensorError
from timm.models.tiny_vit import tiny_vit_5m_224

from ml.sppnet import checkpoints
from ml.sppnet.checkpoints import CheckpointError
from ml.sppnet.commands.limits import add_limits, keep_limits
from ml.sppnet.config import Normalisation
from ml.sppnet.encoder import SAM_VITS
from ml.sppnet.foreign import (
    State,
    UnexpectedKeys,
    config_for,
    origin_of,
    read_foreign,
    take,
)
from ml.sppnet.network import build

TIMM_NAME = "tiny_vit_5m_224.dist_in22k"


def add(commands: Any) -> None:
    foreign = commands.add_parser(
        "import", help="take weights of the authors, MobileSAM, SAM, timm's TinyViT"
    )
    foreign.add_argument(
        "files",
        type=Path,
        nargs="*",
        help="the authors' .pth, mobile_sam.pt, sam_vit_*.pth; of several, later ones prevail",
    )
    foreign.add_argument("--timm", action="store_true", help="first, timm's pretrained TinyViT")
    foreign.add_argument("--out", type=Path, required=True, help="checkpoint to write")
    foreign.add_argument(
        "--normalisation",
        choices=get_args(Normalisation),
        default="mean_as_std",
        help="what the authors' checkpoint was trained with: their code took the mean for the "
        "standard deviation from 27 September 2023 on",
    )
    foreign.add_argument("--encoder", choices=list(SAM_VITS), help="take SAM's encoder, too")
    foreign.add_argument("--allow", nargs="+", default=[], metavar="NAME", help="unexpected keys")
    foreign.add_argument("--report", type=Path, help="write what became of every key, as JSON")
    foreign.add_argument("--quiet", action="store_true", help="counts only, not every key")
    foreign.add_argument("--seed", type=int, default=0, help="of what no file holds")
    add_limits(foreign)
    foreign.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    keep_limits(arguments)
    try:
        _import(arguments)
    except CheckpointError:
        raise
    except (MemoryError, OSError, RuntimeError, SafetensorError) as error:
        reason = str(error).partition("\n")[0] or "it needs more memory than there is"
        raise CheckpointError(f"the weights cannot be taken: {reason}") from error


def _import(arguments: argparse.Namespace) -> None:
    given = [(path.name, read_foreign(path)) for path in arguments.files]
    if arguments.timm:
        given.insert(0, (TIMM_NAME, pretrained_tiny_vit()))
    if not given:
        raise CheckpointError("import needs a file of weights, or --timm")
    origins = [origin_of(state) for _, state in given]
    of_authors = "authors" in origins
    config = config_for(
        "authors" if of_authors else origins[0], arguments.normalisation, arguments.encoder or ""
    )
    torch.manual_seed(arguments.seed)
    network = build(config).eval()
    at_random = set(network.state_dict())
    files: list[dict[str, Any]] = []
    for (name, state), origin in zip(given, origins, strict=True):
        with_encoder = origin == "sam" and bool(arguments.encoder)
        try:
            report = take(network, state, origin, with_encoder, arguments.allow)
        except UnexpectedKeys as error:
            _write(arguments.report, [*files, {"name": name, **asdict(error.report)}], at_random)
            raise
        if not arguments.quiet:
            print("\n".join(report.lines()))
        print(f"{name}, {report.summary()}")
        files.append({"name": name, **asdict(report)})
        at_random -= {*report.taken, *report.renamed.values()}
    if left := _parts(at_random):
        print(f"at random, wholly or in part: {', '.join(left)}")
    source = {"files": [name for name, _ in given], "origins": origins}
    checkpoints.save(
        arguments.out, network, {"name": arguments.out.stem, "imported": source}, half=False
    )
    _write(arguments.report, files, at_random)
    print(f"written: {arguments.out} ({config.fusion}, {config.normalisation})")


def _write(path: Path | None, files: list[dict[str, Any]], at_random: set[str]) -> None:
    """What became of every key of each file, and which parts no file holds wholly."""
    if path is not None:
        path.write_text(json.dumps({"files": files, "at_random": _parts(at_random)}))


def _parts(names: set[str]) -> list[str]:
    return sorted({name.partition(".")[0] for name in names})


def pretrained_tiny_vit() -> State:
    """timm's TinyViT-5M, distilled on ImageNet-22k, from its hub; CheckpointError offline."""
    try:
        return tiny_vit_5m_224(pretrained=True).state_dict()
    except Exception as error:  # the hub's client has many ways to say that it is not reached
        raise CheckpointError(
            f"timm could not fetch {TIMM_NAME}: {str(error).partition(chr(10))[0]}; it needs to be "
            "online once"
        ) from error
