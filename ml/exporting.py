"""Make what browsers decode with."""

from ml.decoders import path_of
from ml.models import Checkpoint
from ml.registry import predictor_of
from ml.sppnet.export import export_decoder


def export_decoder_of(id: int) -> None:
    """Export a checkpoint's decoder unless it is there. Raises CheckpointError."""
    checkpoint = Checkpoint.objects.filter(pk=id).first()
    if checkpoint is not None and not path_of(checkpoint.sha256).exists():
        export_decoder(predictor_of(checkpoint).network, path_of(checkpoint.sha256))
