"""What people do with images: one noun a file."""

from annotations.models.agreement import Comparison, ImageAgreement, PairScore
from annotations.models.batch import Batch
from annotations.models.click import Click
from annotations.models.comment import Comment
from annotations.models.consensus import Consensus
from annotations.models.dataset import Dataset
from annotations.models.event import Event, Kind
from annotations.models.export import Export
from annotations.models.group_access import GroupAccess
from annotations.models.image import Image
from annotations.models.import_job import ImportJob
from annotations.models.invitation import Invitation
from annotations.models.label_class import LabelClass
from annotations.models.mask import Mask
from annotations.models.mask_write import MaskWrite
from annotations.models.membership import Membership
from annotations.models.notice import Notice
from annotations.models.personal_token import PersonalToken, Scope
from annotations.models.preference import Preference
from annotations.models.prompt import Prompt
from annotations.models.role import Role
from annotations.models.saved_view import SavedView
from annotations.models.security_event import SecurityEvent, SecurityKind
from annotations.models.tally import NucleiCount, StateCount, Workday
from annotations.models.training_policy import TrainingPolicy
from annotations.models.verdict import Verdict

__all__ = [
    "Batch",
    "Click",
    "Comment",
    "Comparison",
    "Consensus",
    "Dataset",
    "Event",
    "Export",
    "GroupAccess",
    "Image",
    "ImageAgreement",
    "ImportJob",
    "Invitation",
    "Kind",
    "LabelClass",
    "Mask",
    "MaskWrite",
    "Membership",
    "Notice",
    "NucleiCount",
    "PairScore",
    "PersonalToken",
    "Preference",
    "Prompt",
    "Role",
    "SavedView",
    "Scope",
    "SecurityEvent",
    "SecurityKind",
    "StateCount",
    "TrainingPolicy",
    "Verdict",
    "Workday",
]
