"""The ordinary pages work without JavaScript, and show each role what it may do."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from annotations.forms import DatasetChangesForm
from annotations.models import Dataset, Image, LabelClass, Membership
from annotations.services.dataset import create_dataset
from tests.factories import PASSWORD, make_image, make_user


@pytest.fixture
def client_of(team: dict[str, Any]) -> Callable[[str], Client]:
    """Role (or "stranger") -> the browser of that person."""

    def client(role: str) -> Client:
        client = Client()
        client.force_login(team[role])
        return client

    return client


@pytest.fixture
def owner(client_of: Any) -> Any:
    return client_of("owner")


@pytest.fixture(autouse=True)
def workers(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    workers = {"interactive": True, "batch": True, "train": False}
    monkeypatch.setattr("annotations.views.worker_status", lambda: workers)
    return workers


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_logging_in_and_out(client: Any, team: Any) -> None:
    wrong = client.post("/accounts/login/", {"login": "owner", "password": "guess"})
    assert "do not match" in text(wrong)
    right = client.post("/accounts/login/", {"login": "owner", "password": PASSWORD})
    assert right["Location"] == "/"
    assert "Datasets" in text(client.get("/"))
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert client.get("/").status_code == 302


def test_a_newcomer_is_told_what_to_do(client_of: Any) -> None:
    page = text(client_of("stranger").get("/"))
    assert "No datasets yet" in page
    assert "<strong>stranger</strong>" in page


def test_creating_a_dataset_opens_it(owner: Any) -> None:
    answer = owner.post("/", {"name": "Fresh", "licence": "", "description": ""})
    dataset = Dataset.objects.get(name="Fresh")
    assert answer["Location"] == f"/datasets/{dataset.pk}/"
    assert "No images yet" in text(owner.get(answer["Location"]))


def test_a_dataset_without_a_name_is_asked_for_one(owner: Any) -> None:
    assert "This field is required" in text(owner.post("/", {"name": ""}))


@pytest.mark.parametrize(
    ("role", "upload", "manage", "own"),
    [
        ("owner", True, True, True),
        ("admin", True, True, False),
        ("annotator", True, False, False),
        ("reviewer", False, False, False),
        ("viewer", False, False, False),
    ],
)
def test_people_see_only_what_they_may_do(
    client_of: Any, image: Image, role: str, *, upload: bool, manage: bool, own: bool
) -> None:
    page = text(client_of(role).get(f"/datasets/{image.dataset_id}/"))
    assert image.name in page
    assert ('id="drop"' in page) is upload
    assert ('id="import-form"' in page) is upload
    assert ("Delete this dataset" in page) is own
    assert (f"/images/{image.pk}/delete/" in page) is manage
    page = text(client_of(role).get(f"/datasets/{image.dataset_id}/members/"))
    assert ('<option value="owner"' in page) is own
    assert ("Invite" in page) is manage


def test_images_are_filtered_by_status(owner: Any, image: Image) -> None:
    page = text(owner.get(f"/datasets/{image.dataset_id}/?status=accepted"))
    assert "No image is like this" in page
    assert image.name in text(owner.get(f"/datasets/{image.dataset_id}/?status=new"))


def test_more_images_are_loaded_by_cursor(
    owner: Any, dataset: Dataset, team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotations.views.PAGE_SIZE", 2)
    for seed in range(3):
        make_image(dataset, team["owner"], name=f"{seed}.png", seed=seed)
    page = text(owner.get(f"/datasets/{dataset.pk}/"))
    assert ("0.png" in page, "2.png" in page) == (True, False)
    more = re.search(r'hx-get="([^"]+)"\s+hx-target', page)
    assert more
    rest = text(owner.get(more[1].replace("&amp;", "&")))
    assert ("1.png" in rest, "2.png" in rest, "Load more" in rest) == (False, True, False)


def test_members_come_change_and_go(owner: Any, dataset: Dataset) -> None:
    make_user("newcomer")
    owner.post(f"/datasets/{dataset.pk}/members/add/", {"username": "newcomer", "role": "viewer"})
    member = Membership.objects.get(user__username="newcomer")
    owner.post(f"/members/{member.pk}/", {"role": "reviewer", "version": 1})
    member.refresh_from_db()
    assert member.role == "reviewer"
    stale = owner.post(f"/members/{member.pk}/", {"role": "viewer", "version": 1}, follow=True)
    assert "in the meantime" in text(stale)
    owner.post(f"/members/{member.pk}/remove/")
    assert not Membership.objects.filter(pk=member.pk).exists()


def test_what_cannot_be_done_is_said_on_the_page(owner: Any, dataset: Dataset) -> None:
    body = {"username": "nobody", "role": "viewer"}
    answer = owner.post(f"/datasets/{dataset.pk}/members/add/", body, follow=True)
    assert "There is no user called “nobody”" in text(answer)


def test_classes_come_change_and_go(owner: Any, dataset: Dataset) -> None:
    owner.post(f"/datasets/{dataset.pk}/classes/", {"name": "Debris", "color": "#123456"})
    row = LabelClass.objects.get(name="Debris")
    owner.post(f"/classes/{row.pk}/", {"name": "Dirt", "color": "#654321", "version": 1})
    row.refresh_from_db()
    assert (row.name, row.color) == ("Dirt", "#654321")
    refused = owner.post(
        f"/classes/{row.pk}/", {"name": "Dirt", "color": "red", "version": 2}, follow=True
    )
    assert "#rrggbb" in text(refused)
    owner.post(f"/classes/{row.pk}/delete/")
    assert not LabelClass.objects.filter(name="Dirt").exists()


def test_a_dataset_is_edited_and_deleted(owner: Any, dataset: Dataset) -> None:
    form = DatasetChangesForm(instance=dataset, initial={"version": 1})
    chosen = [field for field in form if field.value() is not None and field.value() is not False]
    body = {field.html_name: field.value() for field in chosen}
    body |= {"name": "Renamed", "overlap_rule": "newer_yields"}
    assert "Renamed" in text(owner.post(f"/datasets/{dataset.pk}/edit/", body, follow=True))
    assert "in the trash" in text(owner.post(f"/datasets/{dataset.pk}/delete/", follow=True))
    assert owner.get(f"/datasets/{dataset.pk}/").status_code == 404


def test_an_image_is_deleted(owner: Any, image: Image) -> None:
    owner.post(f"/images/{image.pk}/delete/")
    assert not Image.objects.exists()


@pytest.mark.parametrize("role", ["annotator", "reviewer", "viewer", "stranger"])
def test_only_owners_manage(client_of: Any, dataset: Dataset, image: Image, role: str) -> None:
    member = Membership.objects.get(dataset=dataset, role="viewer")
    row = dataset.classes.get()
    paths = [
        f"/datasets/{dataset.pk}/edit/",
        f"/datasets/{dataset.pk}/delete/",
        f"/datasets/{dataset.pk}/members/add/",
        f"/datasets/{dataset.pk}/classes/",
        f"/members/{member.pk}/",
        f"/members/{member.pk}/remove/",
        f"/classes/{row.pk}/",
        f"/classes/{row.pk}/delete/",
        f"/images/{image.pk}/delete/",
    ]
    client = client_of(role)
    expected = 404 if role == "stranger" else 403
    assert [client.post(path).status_code for path in paths] == [expected] * len(paths)


def test_strangers_find_no_pages(client_of: Any, dataset: Dataset, image: Image) -> None:
    for path in ("", "images/", f"annotate/{image.pk}/"):
        assert client_of("stranger").get(f"/datasets/{dataset.pk}/{path}").status_code == 404


def test_the_canvas_is_told_who_asks_for_what(
    client_of: Any, image: Image, team: Any, settings: Any, tmp_path: Any
) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(
        json.dumps({"src/main.js": {"file": "assets/main-1.js", "css": ["assets/main-1.css"]}})
    )
    settings.DJANGO_VITE = {"default": {"manifest_path": manifest}}
    url = f"/datasets/{image.dataset_id}/annotate/{image.pk}/"
    page = text(client_of("reviewer").get(url))
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', page)
    assert found
    data = json.loads(found[1])
    assert data.pop("csrfToken")
    assert data == {
        "datasetId": image.dataset_id,
        "imageId": image.pk,
        "user": {"id": team["reviewer"].pk, "username": "reviewer"},
        "role": "reviewer",
        "preferences": {"shortcuts": {}, "tourSeen": False},
    }
    assert '<div id="app"></div>' in page


def test_an_image_of_another_dataset_has_no_canvas_here(
    owner: Any, image: Image, team: Any
) -> None:
    other = create_dataset(user=team["owner"], name="Other")
    assert owner.get(f"/datasets/{other.pk}/annotate/{image.pk}/").status_code == 404


def test_a_missing_worker_is_shown(owner: Any, workers: dict[str, bool]) -> None:
    assert text(owner.get("/workers/")).strip() == ""
    workers["interactive"] = False
    assert "Clicks are not being answered" in text(owner.get("/workers/"))


def test_errors_have_friendly_pages(owner: Any, client_of: Any, dataset: Dataset) -> None:
    assert "Nothing here" in owner.get("/nowhere/").content.decode()
    refused = client_of("viewer").post(f"/datasets/{dataset.pk}/delete/")
    assert "Your role here is viewer" in refused.content.decode()


def test_a_new_class_is_offered_a_colour_that_is_told_apart(owner: Any, dataset: Dataset) -> None:
    def offered() -> str:
        page = text(owner.get(f"/datasets/{dataset.pk}/"))
        [color] = re.findall(r'name="color" value="(#\w+)" aria-label="Colour of the new', page)
        return str(color)

    colors = [row.color for row in dataset.classes.all()]
    for name in "abc":
        assert offered() not in colors
        colors.append(offered())
        owner.post(f"/datasets/{dataset.pk}/classes/", {"name": name, "color": offered()})


def test_a_dataset_without_classes_says_what_to_do(client_of: Any, dataset: Dataset) -> None:
    dataset.classes.all().delete()
    path = f"/datasets/{dataset.pk}/"
    assert "Name the first one below" in text(client_of("owner").get(path))
    assert "An owner of the dataset can add them" in text(client_of("viewer").get(path))
