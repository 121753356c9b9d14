"""What the network is, was asked and answered. A prediction is not a mask: people accept masks."""

from ml.models.checkpoint import Checkpoint, Promotion
from ml.models.conversion import Conversion
from ml.models.job import UNFINISHED, Job, Status
from ml.models.judgement import Evaluation, Judgement
from ml.models.prediction import Encoding, Prediction
from ml.models.training_run import TrainingRun

__all__ = [
    "UNFINISHED",
    "Checkpoint",
    "Conversion",
    "Encoding",
    "Evaluation",
    "Job",
    "Judgement",
    "Prediction",
    "Promotion",
    "Status",
    "TrainingRun",
]
