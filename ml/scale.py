"""How much an image is enlarged before the network sees it: by what is known of its resolution."""

import math

# The network learned from images at this resolution (40×).
MICRONS_PER_PIXEL = 0.25
# Whole numbers and one half keep tiles on the image's own pixel grid.
SCALES = (0.5, 1.0, 2.0, 3.0, 4.0)
# As many pixels an image may have once it is enlarged because of its nuclei, or because somebody
# wants it so: that is some 700 tiles, and a fifth of the store.
MOST_PIXELS = 100_000_000


def fits(width: int, height: int, scale: float) -> bool:
    """Whether an image of width × height pixels may be enlarged so much."""
    return width * height * scale**2 <= MOST_PIXELS


def scale_for(microns_per_pixel: float | None) -> float:
    """The scale at which nuclei are about as large as the network knows them.

    The nearest of SCALES by ratio; 1 where the resolution is unknown. Where it is 1, the nuclei
    that are seen then decide (ml/sppnet/magnification.py).
    """
    if not microns_per_pixel:
        return 1.0
    wanted = math.log(microns_per_pixel / MICRONS_PER_PIXEL)
    return min(SCALES, key=lambda scale: abs(math.log(scale) - wanted))
