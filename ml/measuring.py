"""See whether the nuclei of an image are so small that it had better be enlarged."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.module_loading import import_string

from ml import attention
from ml.models import Encoding
from ml.sppnet.magnification import scale_for_nuclei

# A larger image is left as it is: at twice the size, one of so many pixels has some 700 tiles, and
# they take a fifth of the store.
MOST_PIXELS = 25_000_000


def measure_nuclei(encoding: Encoding, areas: Sequence[int]) -> float:
    """The scale at which an image, encoded as it is, is better seen; kept in its row.

    `areas`: of its proposals, in pixels. settings.NUCLEI_ARE_SMALL is told (sha256, ahead) if that
    is another one; `ahead`: nobody is looking at the image yet.
    """
    if encoding.scale != 1 or encoding.width * encoding.height > MOST_PIXELS:
        return encoding.scale
    scale = scale_for_nuclei(areas)
    Encoding.objects.filter(pk=encoding.pk).update(better_scale=scale)
    if scale != 1:
        sha256 = encoding.image_sha256
        ahead = encoding.ahead and attention.place_on(sha256) is None
        import_string(settings.NUCLEI_ARE_SMALL)(sha256=sha256, ahead=ahead)
    return scale
