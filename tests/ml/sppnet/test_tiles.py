import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.sppnet.tiles import Tile, cut, nearest_tile, scaled, stitch, tiles_of


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_tiles_cover_the_image_and_overlap(width: int, height: int) -> None:
    tiles = tiles_of(width, height, 448, 64)
    for length, ends in (
        (width, {(t.x, t.side) for t in tiles}),
        (height, {(t.y, t.side) for t in tiles}),
    ):
        reached = 0
        for start, side in sorted(ends):
            assert start == 0 or start <= reached - 64
            reached = start + side
        assert reached >= length
        assert all(start + side <= max(length, side) for start, side in ends)


def test_a_small_image_gets_one_small_tile() -> None:
    assert tiles_of(200, 180, 448, 64) == [Tile(0, 0, 224)]


def test_the_nearest_tile_holds_the_point_well_inside() -> None:
    tile = nearest_tile(tiles_of(1000, 1000, 448, 64), 500, 500)
    assert tile.x + 100 < 500 < tile.x + 348


def test_pixels_beyond_the_image_are_its_mirror() -> None:
    image = np.arange(10 * 10 * 3, dtype=np.uint8).reshape(10, 10, 3)
    part = cut(image, Tile(0, 0, 32))
    assert part.shape == (32, 32, 3)
    assert (part[10, :10] == image[8]).all()


@pytest.mark.parametrize("size", [(300, 500), (301, 453), (449, 448)])
def test_stitching_the_cut_pieces_gives_the_whole_back(size: tuple[int, int]) -> None:
    """A smooth map cut into overlapping tiles and put together shows no seam."""
    height, width = size
    y, x = np.mgrid[: height + 600, : width + 600].astype(np.float32)
    scene = 127 + 100 * np.sin(x / 40) * np.cos(y / 55)

    def half(tile: Tile) -> np.ndarray:
        part = scene[tile.y : tile.y + tile.side, tile.x : tile.x + tile.side]
        small = part.reshape(tile.side // 2, 2, tile.side // 2, 2).mean((1, 3))
        return small[None].round().astype(np.uint8)

    tiles = tiles_of(width, height, 128, 32)
    whole = stitch(((t, half(t)) for t in tiles), width, height, 2)[0] * 255
    rows, columns = height // 2, width // 2
    expected = scene[: rows * 2, : columns * 2].reshape(rows, 2, columns, 2).mean((1, 3))
    assert np.abs(whole[:rows, :columns] - expected).max() < 4


def test_nothing_to_stitch_is_an_error() -> None:
    with pytest.raises(ValueError, match="no tiles"):
        stitch([], 10, 10, 2)


@pytest.mark.parametrize("scale", [0.5, 2.0, 3.0])
def test_a_tile_of_an_enlarged_image_shows_what_the_enlarged_image_shows(scale: float) -> None:
    rng = np.random.default_rng(0)
    image = cv2.GaussianBlur(rng.integers(0, 255, (150, 211, 3)).astype(np.uint8), (0, 0), 3)
    height, width = scaled(150, scale), scaled(211, scale)
    how = cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA
    whole = cv2.resize(image, (width, height), interpolation=how)
    tiles = tiles_of(211, 150, 64, 16, scale)
    assert max(t.x + t.side for t in tiles) == width
    for tile in tiles:
        shown = cut(image, tile)
        expected = cut(whole, Tile(tile.x, tile.y, tile.side))
        inner = np.abs(shown.astype(int) - expected)[4:-4, 4:-4]
        assert inner.max() <= 6, tile
