"""What changed in a dataset itself is told to who manages it."""

from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from annotations.models import Dataset, Event, Image, Kind, Membership
from annotations.services.dataset import update_dataset
from annotations.services.held_out import hold_out
from annotations.services.label_class import delete_class
from annotations.services.membership import change_role
from tests.factories import make_mask


@pytest.fixture
def owner(team: Any) -> Client:
    client = Client()
    client.force_login(team["owner"])
    return client


def test_the_page_says_who_changed_what(
    owner: Client, dataset: Dataset, image: Image, team: Any
) -> None:
    update_dataset(
        user=team["owner"],
        dataset=dataset,
        version=dataset.version,
        blind=True,
        licence="CC0",
        next_by="random",
        description="long " * 100,
    )
    row = Membership.objects.visible_to(team["owner"]).get(user=team["annotator"])
    change_role(user=team["owner"], membership=row, version=row.version, role="viewer")
    delete_class(user=team["owner"], label_class=dataset.classes.get())
    group = Image.objects.get(pk=image.pk).group
    hold_out(user=team["owner"], dataset=dataset, groups=[group])
    make_mask(image, team["annotator"])
    Event.objects.create(dataset=dataset, kind=Kind.IMAGE_PURGED, data={"name": "<b>.png"})
    html = owner.get(f"/datasets/{dataset.pk}/changed/").content.decode()
    for words in (
        "Blind: no → yes",
        "Licence: – → CC0",
        "Which image comes next: As listed, the oldest first → At random",
        "annotator has another role: Annotator → Viewer",
        "was put into the trash",
        f"Held out for judging checkpoints: {group or '–'}",
        "The image “<b>.png” was removed for good",
    ):
        assert escape(words) in html
    assert "long " * 30 not in html
    assert "mask.created" not in html, "that is told on the image"
    assert html.index("removed for good") < html.index("CC0"), "the newest first"
    assert (
        f"/datasets/{dataset.pk}/changed/" in owner.get(f"/datasets/{dataset.pk}/").content.decode()
    )


def test_every_kind_has_its_words(owner: Client, dataset: Dataset) -> None:
    about_it = [kind for kind in Kind if kind.partition(".")[0] in ("dataset", "class", "member")]
    for kind in about_it:
        Event.objects.create(dataset=dataset, kind=kind, data={})
    html = owner.get(f"/datasets/{dataset.pk}/changed/").content.decode()
    assert not [kind for kind in about_it if f">{kind}<" in html]


def test_older_ones_are_on_further_pages(
    owner: Client, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotations.change_views.ROWS_SHOWN", 2)
    for k in range(3):
        data = {"name": f"{k}.png"}
        Event.objects.create(dataset=dataset, kind=Kind.IMAGE_PURGED, data=data)
    first = owner.get(f"/datasets/{dataset.pk}/changed/")
    before = first.context["next_before"]
    second = owner.get(f"/datasets/{dataset.pk}/changed/?before={before}").content.decode()
    assert "2.png" in first.content.decode()
    assert "1.png" in first.content.decode()
    assert "0.png" in second
    assert "1.png" not in second


def test_the_page_reads_its_own_index(dataset: Dataset) -> None:
    assert "event_of_settings" in Event.objects.of_dataset_alone(dataset)[:10].explain()
