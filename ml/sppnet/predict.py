"""One loaded checkpoint that answers clicks: encode once, decode per click, hide nothing.

Images are H×W×3 uint8 RGB; clicks are (x, y, positive) in image pixels, pixel centres at .5. Tiles
and windows lie on the image enlarged to the resolution that the network knows (see tiles.py).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sppnet import checkpoints
from ml.sppnet.answers import Answer, Box, Click, centre_of, clicked_part, on_image
from ml.sppnet.checkpoints import CheckpointError
from ml.sppnet.engines.interface import Decoder, Encoder, Float, WindowPrompt
from ml.sppnet.engines.with_torch import TorchEngine
from ml.sppnet.instances import Splitting
from ml.sppnet.levels import levels_of, stretch
from ml.sppnet.magnification import areas_of, scale_for_nuclei
from ml.sppnet.network import ClickNet
from ml.sppnet.prompts import BOX_BOTTOM_RIGHT, BOX_TOP_LEFT
from ml.sppnet.proposals import label_block, propose, whole
from ml.sppnet.tiles import (
    Tile,
    cut,
    nearest_tile,
    part_of,
    tiles_of,
)

__all__ = [
    "Answer",
    "Box",
    "CheckpointError",
    "Click",
    "Encoding",
    "Predictor",
    "Tile",
    "centre_of",
]

Encoding = dict[str, np.ndarray]
Pixels = NDArray[np.uint8]

# A mask that a person drew enters the network as confident, not certain, logits.
PRIOR_LOGIT = 4.0
# A background click chosen for the person keeps this distance from theirs, in pixels.
BACKGROUND_CLEARANCE = 12.0


class Predictor:
    """A click network ready to answer. Holds weights only: encodings are the caller's.

    ``encoder`` and ``decoder`` run it: torch, unless a faster engine takes the place of one.
    """

    def __init__(self, network: ClickNet, metadata: dict[str, Any], sha256: str) -> None:
        self.network = network.eval()
        self.config = network.config
        self.metadata = metadata
        self.sha256 = sha256
        self.encoder: Encoder = TorchEngine(network)
        self.decoder: Decoder = TorchEngine(network)

    @classmethod
    def load(cls, path: str | Path, device: str = "cpu") -> Predictor:
        """Raises CheckpointError for a file that is not a click checkpoint."""
        checkpoint = checkpoints.load(Path(path))
        network = checkpoint.network()
        if not isinstance(network, ClickNet):
            raise CheckpointError(
                f"{Path(path).name} holds the paper's network, which answers a click with all "
                "nuclei; the app needs a click checkpoint"
            )
        return cls(network.to(device), checkpoint.metadata, checkpoint.sha256)

    def running_on(
        self, encoder: Encoder | None = None, decoder: Decoder | None = None
    ) -> Predictor:
        """The same network run by other engines; None leaves the present one."""
        other = copy.copy(self)
        other.encoder, other.decoder = encoder or self.encoder, decoder or self.decoder
        return other

    def tiles(self, width: int, height: int, scale: float = 1.0) -> list[Tile]:
        """The tiles to encode of an image enlarged by ``scale``, row by row."""
        return tiles_of(width, height, self.config.tile, self.config.overlap, scale)

    def tile_for(
        self, clicks: Sequence[Click], width: int, height: int, scale: float = 1.0
    ) -> Tile:
        """The tile that answers these clicks (at least one)."""
        x, y = np.mean([(c[0], c[1]) for c in clicks], axis=0)
        return nearest_tile(self.tiles(width, height, scale), float(x), float(y))

    def encode(self, image: Pixels, tile: Tile) -> Encoding:
        """Everything a tile is worth remembering for: fp16 features, uint8 ``maps`` (foreground,
        boundary, distance) at stride 2, and the image's uint8 ``levels`` (black, white)."""
        return next(self.encode_all(image, [tile]))[1]

    @property
    def batch(self) -> int:
        """How many tiles are best encoded at once."""
        return self.encoder.batch

    def encode_all(self, image: Pixels, tiles: Sequence[Tile]) -> Iterator[tuple[Tile, Encoding]]:
        """Tiles of one side, encoded one after another: as many at once as suits the engine."""
        levels = levels_of(image)
        for first in range(0, len(tiles), self.batch):
            some = tiles[first : first + self.batch]
            pixels = np.stack([stretch(cut(image, tile), levels) for tile in some])
            encoded = self.encoder.encode(pixels)
            for tile, embedding, skip8, skip4, maps in zip(some, *encoded, strict=True):
                yield (
                    tile,
                    {
                        "embedding": embedding.astype(np.float16),
                        "skip8": skip8.astype(np.float16),
                        "skip4": skip4.astype(np.float16),
                        "maps": np.rint(maps * 255).astype(np.uint8),
                        "levels": np.array(levels, np.uint8),
                    },
                )

    def segment(
        self,
        image: Pixels,
        tile: Tile,
        encoding: Encoding,
        clicks: Sequence[Click],
        prior: NDArray[np.bool_] | None = None,
        box: Box | None = None,
    ) -> Answer:
        """The nucleus that the clicks point at, or that fills ``box`` (x0, y0, x1, y1 in image
        pixels), refining ``prior`` (H×W bool) if given.

        Raises ValueError without a click or a box.
        """
        if not clicks and box is None:
            raise ValueError("segment needs at least one click or a box; propose() needs none")
        if box is not None:
            clicks = [centre_of(box), *clicks]
        side = self.config.window

        def enlarge(place: tuple[float, float]) -> tuple[float, float]:
            return place[0] * tile.scale, place[1] * tile.scale

        enlarged = [(*enlarge((x, y)), positive) for x, y, positive in clicks]
        left, top = self._window(tile, enlarged if box is None else enlarged[:1])
        x0, y0 = tile.x + left, tile.y + top
        inside = [c for c in enlarged if x0 <= c[0] < x0 + side and y0 <= c[1] < y0 + side]
        if box is None and all(positive for *_, positive in inside):
            inside.append(self._background(encoding, left, top, x0, y0, inside))
        marks = [(x, y, int(positive)) for x, y, positive in inside]
        if box is not None:
            marks += [(*enlarge(box[:2]), BOX_TOP_LEFT), (*enlarge(box[2:]), BOX_BOTTOM_RIGHT)]
        black, white = (int(v) for v in encoding["levels"])
        view = stretch(cut(image, tile)[top : top + side, left : left + side], (black, white))
        window = Tile(x0, y0, side, tile.scale)
        decoded = self.decoder.decode(
            WindowPrompt(
                _image_of(view),
                *self._crop(encoding, left, top),
                np.array([[(x - x0, y - y0) for x, y, _ in marks]], np.float32),
                np.array([[label for *_, label in marks]], np.int64),
                _prior_of(prior, window),
            )
        )
        x, y, mask = on_image(decoded.logits[0], window)
        height, width = image.shape[:2]
        mask = mask[: height - y, : width - x]
        mask = clicked_part(mask, [(cx - x, cy - y, positive) for cx, cy, positive in clicks])
        return Answer(x, y, mask, float(decoded.scores[0]))

    def propose(
        self,
        size: tuple[int, int],
        encoding_of: Callable[[Tile], Encoding],
        how: Splitting | None = None,
        scale: float = 1.0,
    ) -> Iterator[Answer]:
        """Every nucleus of an image of ``size`` (H, W), each with the mean foreground probability
        as its score. A tile is asked for when, and as often as, it is needed."""
        tiles = self.tiles(size[1], size[0], scale)
        return propose(size, tiles, lambda tile: encoding_of(tile)["maps"], how, scale)

    def label(
        self,
        size: tuple[int, int],
        encodings: Iterable[tuple[Tile, Encoding]],
        how: Splitting | None = None,
        scale: float = 1.0,
    ) -> tuple[Float, NDArray[np.int32]]:
        """(foreground probability H×W, instance labels H×W) for an image of ``size`` (H, W), whose
        tiles were enlarged by ``scale``."""
        maps = {tile: encoding["maps"] for tile, encoding in encodings}
        return label_block(whole(*size), size, maps, maps.__getitem__, how, scale)

    def encode_whole(
        self, image: Pixels, scale: float | None = None
    ) -> tuple[dict[Tile, Encoding], float]:
        """All tiles of an image enlarged by ``scale``, and that scale: None leaves it to the nuclei
        that are seen in the image as it is."""
        height, width = image.shape[:2]
        tiles = dict(self.encode_all(image, self.tiles(width, height, scale or 1.0)))
        if scale is None:
            _, labels = self.label((height, width), tiles.items())
            wanted = scale_for_nuclei(areas_of(labels))
            if wanted != 1:
                return self.encode_whole(image, wanted)
        return tiles, scale or 1.0

    def _window(self, tile: Tile, clicks: Sequence[Click]) -> tuple[int, int]:
        """Corner of the window in the tile, on the embedding's grid of 16 px."""
        side = self.config.window
        positive = [c for c in clicks if c[2]] or clicks
        x, y = np.mean([(c[0] - tile.x, c[1] - tile.y) for c in positive], axis=0)
        corner = (np.round((np.array([x, y]) - side / 2) / 16) * 16).astype(int)
        left, top = np.clip(corner, 0, tile.side - side)
        return int(left), int(top)

    def _crop(self, encoding: Encoding, left: int, top: int) -> tuple[Float, Float, Float]:
        """Embedding, skip8 and skip4 of the window, each 1×C×h×w."""

        def part(name: str, stride: int) -> Float:
            size, x, y = self.config.window // stride, left // stride, top // stride
            return encoding[name][None, :, y : y + size, x : x + size].astype(np.float32)

        return part("embedding", 16), part("skip8", 8), part("skip4", 4)

    def _background(
        self, encoding: Encoding, left: int, top: int, x0: int, y0: int, clicks: Sequence[Click]
    ) -> Click:
        """The background click that the paper's prompt has and a person need not give: the
        place near the clicks that is least likely a nucleus."""
        size = self.config.window // 2
        foreground = encoding["maps"][0, top // 2 : top // 2 + size, left // 2 : left // 2 + size]
        rows, columns = np.mgrid[: foreground.shape[0], : foreground.shape[1]] * 2 + 1
        cost = cv2.GaussianBlur(foreground, (0, 0), 2).astype(np.float32)
        for x, y, _ in clicks:
            away = np.hypot(columns - (x - x0), rows - (y - y0))
            cost += np.where(away < BACKGROUND_CLEARANCE, 1e3, away * 0.2)
        row, column = divmod(int(cost.argmin()), cost.shape[1])
        return x0 + 2 * column + 1.0, y0 + 2 * row + 1.0, False


def _image_of(pixels: Pixels) -> Float:
    """S×S×3 uint8 to 1×3×S×S in [0, 1]."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], np.float32) / np.float32(255)


def _prior_of(prior: NDArray[np.bool_] | None, window: Tile) -> Float:
    """The mask to refine (H×W bool) as 1×1×S/4×S/4 logits; zeros for none."""
    small = window.side // 4
    if prior is None:
        return np.zeros((1, 1, small, small), np.float32)
    view = np.zeros((window.side, window.side), np.float32)
    part = part_of(prior.astype(np.float32), window)
    view[: part.shape[0], : part.shape[1]] = part
    shrunk = cv2.resize(view, (small, small), interpolation=cv2.INTER_AREA)
    return np.asarray((2 * shrunk - 1) * PRIOR_LOGIT, np.float32)[None, None]
