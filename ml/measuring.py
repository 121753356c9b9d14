"""See whether the nuclei of an image are so small that it had better be enlarged."""

import logging
from collections.abc import Iterable

from django.conf import settings
from django.utils.module_loading import import_string

from ml.pixels import Picture
from ml.sppnet.magnification import scale_for_nuclei

logger = logging.getLogger(__name__)


def measure_nuclei(picture: Picture, areas: Iterable[int], *, ahead: bool) -> None:
    """Tell settings.NUCLEI_ARE_SMALL (sha256, scale, ahead) of an image that was taken as it is.

    `areas`: of its proposals, in pixels. `ahead`: nobody is looking at it yet. A failure is logged:
    the image is encoded all the same.
    """
    if picture.scale != 1:
        return
    scale = scale_for_nuclei(list(areas))
    if scale == 1:
        return
    try:
        import_string(settings.NUCLEI_ARE_SMALL)(sha256=picture.sha256, scale=scale, ahead=ahead)
    except Exception:
        logger.exception("%s was not enlarged by its nuclei", picture.path)
