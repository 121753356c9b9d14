"""What people do with images: one noun a file."""

from annotations.models.click import Click
from annotations.models.dataset import Dataset
from annotations.models.event import Event, Kind
from annotations.models.export import Export
from annotations.models.image import Image
from annotations.models.import_job import ImportJob
from annotations.models.label_class import LabelClass
from annotations.models.mask import Mask
from annotations.models.mask_write import MaskWrite
from annotations.models.membership import Membership, Role
from annotations.models.personal_token import PersonalToken, Scope
from annotations.models.preference import Preference
from annotations.models.prompt import Prompt
from annotations.models.security_event import SecurityEvent, SecurityKind
from annotations.models.tally import NucleiCount, StateCount, Workday
from annotations.models.training_policy import TrainingPolicy

__all__ = [
    "Click",
    "Dataset",
    "Event",
    "Export",
    "Image",
    "ImportJob",
    "Kind",
    "LabelClass",
    "Mask",
    "MaskWrite",
    "Membership",
    "NucleiCount",
    "PersonalToken",
    "Preference",
    "Prompt",
    "Role",
    "Scope",
    "SecurityEvent",
    "SecurityKind",
    "StateCount",
    "TrainingPolicy",
    "Workday",
]
