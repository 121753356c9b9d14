"""The pages on which a team shares its work."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.image_filters import ImageFilters
from annotations.markdown import to_html
from annotations.models import Batch, Dataset, Image, Notice, Preference, SavedView
from tests.factories import make_image, make_mask


@pytest.fixture
def images(dataset: Dataset, team: Any) -> list[Image]:
    return [make_image(dataset, team["owner"], name=f"{k}.png", seed=k) for k in range(3)]


@pytest.fixture
def browser_of(team: Any) -> Any:
    def browser(role: str) -> Client:
        client = Client()
        client.force_login(team[role])
        return client

    return browser


@pytest.fixture
def owner(browser_of: Any) -> Any:
    return browser_of("owner")


def names(client: Client, dataset: Dataset, query: str) -> list[str]:
    page = client.get(f"/datasets/{dataset.pk}/?{query}").content.decode()
    return [f"{k}.png" for k in range(3) if f'title="{k}.png"' in page]


def test_the_list_shows_what_its_filters_say(
    owner: Client, dataset: Dataset, images: list[Image], team: Any, browser_of: Any
) -> None:
    batch = Batch.objects.create(dataset=dataset, name="A", created_by=team["owner"])
    row = dataset.classes.get()
    mask = make_mask(images[0], team["annotator"])
    mask.label_class = row
    mask.save()
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Image.objects.filter(pk=images[1].pk).update(
        status="submitted", reviewer=team["reviewer"], due_on=yesterday, open_threads=1
    )
    Image.objects.filter(pk=images[2].pk).update(status="accepted", due_on=yesterday, batch=batch)
    for query, found in {
        "": [0, 1, 2],
        "status=submitted": [1],
        f"assignee={team['annotator'].pk}": [0],
        "assignee=none": [1, 2],
        "batch=none": [0, 1],
        "batch=none&status=submitted": [1],
        f"reviewer={team['reviewer'].pk}": [1],
        f"batch={batch.pk}": [2],
        f"label_class={row.pk}": [0],
        "comments=on": [1],
        "overdue=on": [1],
        "overdue=on&status=new": [],
        "status=lost&batch=x": [0, 1, 2],
    }.items():
        assert names(owner, dataset, query) == [f"{k}.png" for k in found], query
    assert names(browser_of("annotator"), dataset, "assignee=me") == ["0.png"]


def test_filters_cost_the_same_however_many_images(
    owner: Client, dataset: Dataset, images: list[Image], team: Any
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            owner.get(f"/datasets/{dataset.pk}/?assignee=none&comments=on")
            owner.get(f"/datasets/{dataset.pk}/?assignee={team['annotator'].pk}")
        return len(captured)

    Image.objects.filter(pk=images[0].pk).update(assignee=team["annotator"])
    few = queries()
    Image.objects.update(assignee=team["annotator"])
    assert queries() == few


def test_views_are_kept_and_forgotten(owner: Client, dataset: Dataset, images: list[Image]) -> None:
    body = {"name": "To do", "query": "status=new&junk=1&overdue=on"}
    owner.post(f"/datasets/{dataset.pk}/views/", body)
    view = SavedView.objects.get()
    assert view.query == "status=new&overdue=on"
    assert "To do" in owner.get(f"/datasets/{dataset.pk}/").content.decode()
    owner.post(f"/datasets/{dataset.pk}/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_images_are_assigned_from_the_list(
    owner: Client, dataset: Dataset, images: list[Image], team: Any
) -> None:
    member = dataset.memberships.get(user=team["annotator"])
    path = f"/datasets/{dataset.pk}/assign/"
    body: dict[str, Any] = {"images": [images[0].pk], "to": [member.pk], "new_batch": "Week 1"}
    page = owner.post(path, body | {"due_on": "2026-12-24"}, follow=True).content.decode()
    assert "1 image is assigned." in page
    assert "1 image is put into “Week 1”." in page
    images[0].refresh_from_db()
    assert (images[0].assignee, str(images[0].due_on)) == (team["annotator"], "2026-12-24")
    owner.post(path, {"all": "on", "query": "assignee=none", "to": [member.pk]})
    assert Image.objects.filter(assignee=team["annotator"]).count() == 3
    owner.post(path, {"all": "on", "nobody": "on"})
    assert Image.objects.filter(assignee=None).count() == 3
    nothing = owner.post(path, {"to": [member.pk]}, follow=True).content.decode()
    assert "Choose the images first." in nothing


def test_days_and_batches_are_given_and_taken_from_the_list(
    owner: Client, dataset: Dataset, images: list[Image], team: Any
) -> None:
    batch = Batch.objects.create(dataset=dataset, name="A", created_by=team["owner"])
    Batch.objects.filter(pk=batch.pk).update(due_on=datetime.date(2026, 12, 1))

    def send(**fields: Any) -> str:
        body = {"images": [images[0].pk, images[1].pk], **fields}
        return owner.post(f"/datasets/{dataset.pk}/assign/", body, follow=True).content.decode()

    def rows() -> set[tuple[Any, ...]]:
        chosen = Image.objects.filter(pk__in=[images[0].pk, images[1].pk])
        return {(row.batch, row.due_on and row.due_on.isoformat()) for row in chosen}

    assert "2 images are due on Dec. 12, 2026." in send(batch=batch.pk, due_on="2026-12-12")
    assert rows() == {(batch, "2026-12-12")}
    assert "2 images are due on no day." in send(no_day="on")
    assert rows() == {(batch, None)}
    assert "2 images are taken out of their batches." in send(no_batch="on", due_on="2026-12-13")
    assert rows() == {(None, "2026-12-13")}
    assert "not both" in send(batch=batch.pk, no_batch="on")
    assert "Choose people, a batch or a day." in send()
    assert rows() == {(None, "2026-12-13")}


def test_the_first_of_many_are_assigned(
    owner: Client, dataset: Dataset, images: list[Image], team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotations.services.assignment.MOST_AT_ONCE", 2)
    member = dataset.memberships.get(user=team["annotator"])
    path = f"/datasets/{dataset.pk}/assign/"
    body = {"all": "on", "query": "batch=none", "to": [member.pk]}
    refused = owner.post(path, body, follow=True).content.decode()
    assert "Choose at most 2 images at once." in refused
    Image.objects.filter(pk=images[0].pk).update(
        batch=Batch.objects.create(dataset=dataset, name="A", created_by=team["owner"])
    )
    said = owner.post(path, body | {"most": 1}, follow=True).content.decode()
    assert "1 image is assigned." in said
    assert Image.objects.get(assignee=team["annotator"]) == images[1], "the first in no batch"


def test_images_in_no_batch_are_read_in_the_order_of_their_index(
    dataset: Dataset, team: Any
) -> None:
    row = Dataset.objects.visible_to(team["owner"]).get(pk=dataset.pk)
    rows = ImageFilters({"batch": "none"}, dataset=row, user=team["owner"]).apply()
    assert rows.query.order_by == ("dataset_id", "pk"), "else PostgreSQL takes all numbers"


def test_a_batch_is_changed_and_dissolved(
    owner: Client, dataset: Dataset, images: list[Image], team: Any
) -> None:
    batch = Batch.objects.create(dataset=dataset, name="A", created_by=team["owner"])
    images[0].batch = batch
    images[0].save()
    assert "1 left" in owner.get(f"/datasets/{dataset.pk}/").content.decode()
    body = {"name": "B", "due_on": "2026-01-01", "version": 1}
    owner.post(f"/batches/{batch.pk}/", body)
    page = owner.get(f"/datasets/{dataset.pk}/").content.decode()
    assert "due 1 Jan 2026" in page
    stale = owner.post(f"/batches/{batch.pk}/", body, follow=True).content.decode()
    assert "in the meantime" in stale
    owner.post(f"/batches/{batch.pk}/delete/")
    assert Image.objects.count() == 3


def test_the_next_image_opens(
    dataset: Dataset, images: list[Image], browser_of: Any, team: Any
) -> None:
    path = f"/datasets/{dataset.pk}/next/"
    annotator, reviewer = browser_of("annotator"), browser_of("reviewer")
    there = f"/datasets/{dataset.pk}/annotate/{images[0].pk}/"
    assert annotator.post(path)["Location"] == there
    nothing = reviewer.post(path, {"review": "1"}, follow=True).content.decode()
    assert "No image waits for your review." in nothing
    Image.objects.update(status="submitted", annotator=team["annotator"])
    assert reviewer.post(path, {"review": "1"})["Location"].startswith("/datasets/")


def test_notices_are_listed_opened_and_read(
    browser_of: Any, owner: Client, dataset: Dataset, images: list[Image], team: Any
) -> None:
    annotator = browser_of("annotator")
    assert "Nothing new" in annotator.get("/notices/").content.decode()
    member = dataset.memberships.get(user=team["annotator"])
    for image in images[:2]:
        body = {"images": [image.pk], "to": [member.pk]}
        owner.post(f"/datasets/{dataset.pk}/assign/", body)
    assert ">2<" in annotator.get("/notices/bell/").content.decode()
    page = annotator.get("/notices/").content.decode()
    assert "owner has assigned “1.png” to you" in page
    newest = Notice.objects.first()
    assert newest
    opened = annotator.get(f"/notices/{newest.pk}/")
    assert opened["Location"] == f"/datasets/{dataset.pk}/annotate/{images[1].pk}/"
    assert Notice.objects.unread().count() == 1
    annotator.post("/notices/read/")
    assert not Notice.objects.unread().exists()
    annotator.post("/notices/email/", {})
    assert not Preference.objects.get(user=team["annotator"]).email_notices


def test_instructions_are_shown_without_what_harms(owner: Client, dataset: Dataset) -> None:
    text = "# How\n\n1. *Outline* [all](javascript:alert(1)) <script>alert(1)</script>"
    Dataset.objects.update(instructions=text)
    page = owner.get(f"/datasets/{dataset.pk}/").content.decode()
    assert "<h1>How</h1>" in page
    assert "<em>Outline</em>" in page
    shown = owner.get(f"/api/datasets/{dataset.pk}/").json()["instructions_html"]
    assert "<script>" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[a](javascript:alert(1))",
        "![a](http://elsewhere.example/x.png)",
        "<img src=x onerror=alert(1)>",
        '<a href="x" onclick="alert(1)">a</a>',
    ],
)
def test_markdown_brings_no_harm(text: str) -> None:
    html = to_html(text)
    for harm in ("<script", "<img", 'href="javascript', '<a href="x" onclick'):
        assert harm not in html


def test_a_blind_dataset_names_nobody_on_its_page(
    browser_of: Any, owner: Client, dataset: Dataset, images: list[Image], team: Any
) -> None:
    Dataset.objects.update(blind=True)
    Image.objects.update(assignee=team["annotator"])
    shown = 'title="Assigned to"'
    assert shown in owner.get(f"/datasets/{dataset.pk}/").content.decode()
    assert shown not in browser_of("reviewer").get(f"/datasets/{dataset.pk}/").content.decode()
    by_person = f"assignee={team['annotator'].pk}"
    assert names(browser_of("reviewer"), dataset, by_person) == ["0.png", "1.png", "2.png"]


def test_a_dataset_begins_with_its_settings(client_of: Any) -> None:
    settings = {"review_required": True, "blind": True, "instructions": "Outline **all**."}
    made = client_of("owner").post("/api/datasets/", {"name": "New", **settings}).json()
    assert {name: made[name] for name in settings} == settings
    assert made["instructions_html"] == "<p>Outline <strong>all</strong>.</p>\n"
