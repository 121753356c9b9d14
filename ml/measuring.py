"""See whether the nuclei of an image are so small that it had better be enlarged."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.module_loading import import_string

from ml import attention
from ml.models import Encoding
from ml.scale import fits
from ml.sppnet.magnification import ENLARGED, scale_for_nuclei


def measure_nuclei(encoding: Encoding, areas: Sequence[int]) -> float:
    """The scale at which an image, encoded as it is, is better seen; kept in its row.

    `areas`: of its proposals, in pixels. A large image is left as it is.
    settings.NUCLEI_ARE_SMALL is told (sha256, ahead) if that is another one; `ahead`: nobody is
    looking at the image yet.
    """
    if encoding.scale != 1 or not fits(encoding.width, encoding.height, ENLARGED):
        return encoding.scale
    scale = scale_for_nuclei(areas)
    Encoding.objects.filter(pk=encoding.pk).update(better_scale=scale)
    if scale != 1:
        sha256 = encoding.image_sha256
        ahead = encoding.ahead and attention.place_on(sha256) is None
        import_string(settings.NUCLEI_ARE_SMALL)(sha256=sha256, ahead=ahead)
    return scale
