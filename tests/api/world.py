"""Two datasets of two teams with one row of everything: what endpoints are tried on.

A new kind of row that a URL or a body names is added in `_rows`, under the name that
tests/api/endpoints.py uses for it in braces.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.utils import timezone

from annotations.models import Consensus, Dataset, Event, Image, ImportJob, Membership, Role
from annotations.services.assignment import create_batch
from annotations.services.comment import add_comment
from annotations.services.dataset import create_dataset, delete_dataset
from annotations.services.export import create_export
from annotations.services.group_access import add_group
from annotations.services.image import delete_image
from annotations.services.invitation import invite
from annotations.services.label_class import create_class, delete_class
from annotations.services.personal_token import make_token
from annotations.services.prompt import place_clicks
from ml.models import Checkpoint, Conversion, Evaluation, Judgement, TrainingRun
from tests.conftest import make_dataset, make_team
from tests.factories import as_seen_by, make_image, make_mask, make_user

SHA = "ab" * 32


class Ids(Mapping[str, Any]):
    """Name of a row -> its id; remembers which names were asked for."""

    def __init__(self, ids: Mapping[str, Any]) -> None:
        self.ids = ids
        self.used: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.used.add(name)
        return self.ids[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __len__(self) -> int:
        return len(self.ids)


@dataclass
class World:
    """`own` are the ids of the team's rows, `foreign` those of people unknown to it."""

    team: dict[str, Any]
    dataset: Dataset
    own: dict[str, Any]
    foreign: dict[str, Any]
    site: dict[str, Any] = field(default_factory=dict)

    @property
    def ids(self) -> Ids:
        return Ids(self.own | self.site)

    def with_foreign(self, name: str) -> Ids:
        return Ids(self.own | self.site | {name: self.foreign[name]})

    @property
    def missing(self) -> Ids:
        """Ids that no row has."""
        return Ids({name: _nobodys(id) for name, id in (self.own | self.site).items()})


def make_world() -> World:
    """The team has an administrator, too, who is a member of nothing."""
    team = make_team() | {"staff": make_user("staff", is_staff=True)}
    dataset = make_dataset(team)
    make_user("newcomer")
    others = {role: make_user(f"other {role}") for role in Role.values}
    elsewhere = create_dataset(user=others["owner"], name="Elsewhere")
    Membership.objects.create(dataset=elsewhere, user=others["viewer"], role=Role.VIEWER)
    return World(team, dataset, _rows(dataset, team), _rows(elsewhere, others), _site())


def _rows(dataset: Dataset, team: dict[str, Any]) -> dict[str, Any]:
    owner, viewer = team["owner"], team["viewer"]
    image = make_image(dataset, owner)
    prompt, _ = place_clicks(user=owner, image=image, id=uuid4(), clicks=[])
    token, _ = make_token(user=owner, name="script", scope="read")
    session = UserSession.objects.create(user=owner, ip="127.0.0.1", session_key=uuid4().hex)
    mask = make_mask(image, owner)
    # Begun, and nobody's, so that each role is given it.
    Image.objects.filter(pk=image.pk).update(assignee=None)
    group = Group.objects.create(name=f"group of {dataset}")
    invitation = invite(user=owner, dataset=as_seen_by(owner, dataset), role="viewer", days=7)[0]
    rows = {
        "access": add_group(user=owner, dataset=dataset, group=group, role="viewer"),
        "invitation": invitation,
        "token": token,
        "session": session,
        "dataset": dataset,
        "image": image,
        "label_class": dataset.classes.get(),
        "mask": mask,
        "annotator": team["annotator"],
        "member": Membership.objects.get(dataset=dataset, user=viewer),
        "prompt": prompt,
        "event": Event.objects.filter(image=image).order_by("pk").first(),
        "batch": create_batch(user=owner, dataset=dataset, name="First"),
        "comment": add_comment(user=owner, image=image, id=uuid4(), text="Look here.")[0],
        "export": create_export(user=owner, dataset=dataset, format="coco_rle"),
        "consensus": Consensus.objects.create(
            dataset=dataset, image=image, method="pixel", created_by=owner
        ),
        "import": ImportJob.objects.create(dataset=dataset, format="coco", created_by=owner),
        "viewers_export": create_export(user=viewer, dataset=dataset, format="coco_rle"),
        # Of a time when the viewer was an annotator.
        "viewers_import": ImportJob.objects.create(
            dataset=dataset, format="coco", created_by=viewer
        ),
    }
    return {name: row.pk for name, row in rows.items()} | _trash(dataset, owner)


def _trash(dataset: Dataset, owner: Any) -> dict[str, Any]:
    """What was deleted from the dataset, and a deleted dataset of the same people."""
    image = make_image(dataset, owner, name="deleted.png", seed=1)
    delete_image(user=owner, image=image)
    label_class = create_class(user=owner, dataset=dataset, name="Deleted", color="#000000")
    delete_class(user=owner, label_class=label_class)
    another = create_dataset(user=owner, name="Deleted")
    Membership.objects.bulk_create(
        Membership(dataset=another, user=member.user, role=member.role)
        for member in dataset.memberships.exclude(user=owner)
    )
    delete_dataset(user=owner, dataset=another)
    return {
        "trashed_image": image.pk,
        "trashed_class": label_class.pk,
        "trashed_dataset": another.pk,
    }


def _site() -> dict[str, Any]:
    """What belongs to no dataset."""
    checkpoint = Checkpoint.objects.create(
        name="c", sha256=SHA, file="c", kind="click", metadata={"config": {"window": 160}}
    )
    run = TrainingRun.objects.create(
        checkpoint_from=checkpoint, config={"minutes": 1}, enqueued_at=timezone.now()
    )
    judgement = Judgement.objects.create(
        candidate=checkpoint, rival=checkpoint, enqueued_at=timezone.now()
    )
    conversion = Conversion.objects.create(file_name="sam.pth", enqueued_at=timezone.now())
    evaluation = Evaluation.objects.create(checkpoint=checkpoint, scores={}, summary={})
    group, grouped = Group.objects.create(name="group"), make_user("grouped")
    group.user_set.add(grouped)
    return {
        "checkpoint": checkpoint.pk,
        "run": run.pk,
        "judgement": judgement.pk,
        "conversion": conversion.pk,
        "evaluation": evaluation.pk,
        "group": group.pk,
        "grouped": grouped.pk,
    }


def _nobodys(id: Any) -> Any:
    return uuid4() if isinstance(id, UUID) else 987_654_321
