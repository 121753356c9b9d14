from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from annotations.api.account import MeView, StatusView
from annotations.api.batches import AssignmentView, BatchImagesView, BatchRemovalView, BatchViewSet
from annotations.api.changes import ChangesView
from annotations.api.channels import ChannelsView, RenderingView
from annotations.api.checkpoints import CheckpointViewSet
from annotations.api.comments import CommentViewSet
from annotations.api.conversions import ConversionViewSet
from annotations.api.datasets import DatasetViewSet
from annotations.api.encodings import DecoderView, EncodingView, TileView
from annotations.api.events import image_events
from annotations.api.exports import ExportViewSet
from annotations.api.group_accesses import GroupAccessViewSet
from annotations.api.groups import GroupPeopleView, GroupPersonView, GroupViewSet
from annotations.api.held_out import HeldOutView
from annotations.api.images import ImageViewSet
from annotations.api.imports import ImportViewSet
from annotations.api.invitations import InvitationsView, InvitationViewSet
from annotations.api.judgements import JudgementViewSet
from annotations.api.label_classes import LabelClassViewSet
from annotations.api.leases import LeaseView
from annotations.api.mask_batch import MaskBatchView
from annotations.api.masks import MaskViewSet
from annotations.api.members import MemberViewSet
from annotations.api.model_answers import ModelAnswersView
from annotations.api.moves import MoveView
from annotations.api.notices import NoticeViewSet
from annotations.api.preferences import PreferenceView
from annotations.api.prompts import PromptViewSet
from annotations.api.proposal_sets import ProposalSetsView
from annotations.api.replicas import ReplicasView
from annotations.api.timeline import MomentView, TimelineView
from annotations.api.tokens import TokenViewSet
from annotations.api.training_events import training_events
from annotations.api.training_policy import TrainingPolicyView
from annotations.api.training_runs import TrainingRunViewSet
from annotations.api.verdicts import VerdictsView, VerdictView
from annotations.services.flow import BY_HAND

router = SimpleRouter(use_regex_path=False)
router.register("datasets", DatasetViewSet, "dataset")
router.register("members", MemberViewSet, "member")
router.register("invitations", InvitationViewSet, "invitation")
router.register("group-accesses", GroupAccessViewSet, "group-access")
router.register("groups", GroupViewSet, "group")
router.register("classes", LabelClassViewSet, "class")
router.register("images", ImageViewSet, "image")
router.register("prompts", PromptViewSet, "prompt")
router.register("masks", MaskViewSet, "mask")
router.register("batches", BatchViewSet, "batch")
router.register("comments", CommentViewSet, "comment")
router.register("notices", NoticeViewSet, "notice")
router.register("exports", ExportViewSet, "export")
router.register("imports", ImportViewSet, "import")
router.register("tokens", TokenViewSet, "token")
router.register("checkpoints", CheckpointViewSet, "checkpoint")
router.register("conversions", ConversionViewSet, "api-conversion")
router.register("judgements", JudgementViewSet, "judgement")
router.register("training-runs", TrainingRunViewSet, "training-run")

urlpatterns = [
    path("me/", MeView.as_view(), name="me"),
    path("preferences/", PreferenceView.as_view(), name="preferences"),
    path("status/", StatusView.as_view(), name="status"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("datasets/<int:pk>/held-out/", HeldOutView.as_view(), name="api-held-out"),
    path("training-runs/<int:pk>/events/", training_events, name="training-events"),
    path(
        "datasets/<int:pk>/training-policy/",
        TrainingPolicyView.as_view(),
        name="api-training-policy",
    ),
    path("images/<int:pk>/events/", image_events, name="image-events"),
    path("images/<int:pk>/changes/", ChangesView.as_view(), name="image-changes"),
    path("images/<int:pk>/timeline/", TimelineView.as_view(), name="image-timeline"),
    path("images/<int:pk>/timeline/<int:event>/masks/", MomentView.as_view(), name="image-moment"),
    path("images/<int:pk>/verdicts/", VerdictsView.as_view(), name="image-verdicts"),
    path("masks/<uuid:pk>/verdict/", VerdictView.as_view(), name="mask-verdict"),
    path("batches/<int:pk>/images/", BatchImagesView.as_view(), name="batch-images"),
    path(
        "batches/<int:pk>/images/remove/",
        BatchRemovalView.as_view(),
        name="batch-images-remove",
    ),
    path("datasets/<int:pk>/invitations/", InvitationsView.as_view(), name="invitations"),
    path("datasets/<int:pk>/replicas/", ReplicasView.as_view(), name="api-replicas"),
    path("groups/<int:pk>/people/", GroupPeopleView.as_view(), name="group-people"),
    path("groups/<int:pk>/people/<int:person>/", GroupPersonView.as_view(), name="group-person"),
    path("datasets/<int:pk>/assignments/", AssignmentView.as_view(), name="assignments"),
    path("images/<int:pk>/lease/", LeaseView.as_view(), name="image-lease"),
    path("images/<int:pk>/channels/", ChannelsView.as_view(), name="image-channels"),
    path("images/<int:pk>/proposal-sets/", ProposalSetsView.as_view(), name="image-proposal-sets"),
    path("images/<int:pk>/model-answers/", ModelAnswersView.as_view(), name="image-model-answers"),
    path("images/<int:pk>/rendering/", RenderingView.as_view(), name="image-rendering"),
    path("images/<int:pk>/encoding/", EncodingView.as_view(), name="encoding"),
    path(
        "images/<int:pk>/encoding/<slug:checkpoint>/<slug:tile>/",
        TileView.as_view(),
        name="encoding-tile",
    ),
    *(
        path(f"images/<int:pk>/{move}/", MoveView.as_view(move=move), name=f"image-{move}")
        for move in BY_HAND
    ),
    path("checkpoints/<int:pk>/decoder/", DecoderView.as_view(), name="decoder"),
    path("masks/batch/", MaskBatchView.as_view(), name="mask-batch"),
    *router.urls,
]
