"""Several people annotate one image, and none of them learns of the others."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from annotations.exceptions import BadInput, Conflict
from annotations.models import Dataset, Image, Mask, Prompt, StateCount
from annotations.models.event import Event, Kind
from annotations.services.dataset import create_dataset
from annotations.services.export import create_export, open_export, run_export
from annotations.services.honeypot import due_honeypot, end_honeypot, make_honeypot
from annotations.services.image import delete_image, restore_image
from annotations.services.import_job import create_import, run_import
from annotations.services.progress import images_by_state
from annotations.services.prompt import place_clicks
from annotations.services.recount import differences
from annotations.services.replica import make_replicas, share_out, take_back
from annotations.services.snapshot import annotated_images
from tests.factories import make_image, make_mask
from tests.replicas import annotate, make_annotators

ClientOf = Callable[[str], APIClient]


@pytest.fixture
def anna(dataset: Dataset) -> Any:
    return make_annotators(dataset, "anna")[0]


@pytest.fixture
def ben(dataset: Dataset) -> Any:
    return make_annotators(dataset, "ben")[0]


def client(person: Any) -> APIClient:
    client = APIClient()
    client.force_login(person)
    return client


def listed(person: Any, dataset: Dataset) -> list[int]:
    answer = client(person).get("/api/images/", {"dataset": dataset.pk})
    return [row["id"] for row in answer.json()["results"]]


def test_a_replica_is_seen_by_its_annotator_and_who_oversees(
    dataset: Dataset, image: Image, team: dict[str, Any], anna: Any, ben: Any
) -> None:
    [replica] = make_replicas(image=image, people=[anna])
    mask = make_mask(replica, anna)
    prompt, _ = place_clicks(user=anna, image=replica, id=mask.pk, clicks=[])
    rows = {Image: replica.pk, Mask: mask.pk, Prompt: prompt.pk}
    rows[Event] = Event.objects.filter(image=replica).earliest("id").pk
    everybody = team | {"anna": anna, "ben": ben}
    can = {"owner", "admin", "reviewer", "anna"}
    for name, person in everybody.items():
        for kind, pk in rows.items():
            found = kind.objects.visible_to(person).filter(pk=pk).exists()
            assert found == (name in can), (name, kind)
        page = client(person).get(f"/datasets/{dataset.pk}/annotate/{replica.pk}/")
        assert page.status_code == (200 if name in can else 404), name


def test_the_original_is_not_there_for_annotators(
    dataset: Dataset, image: Image, team: dict[str, Any], anna: Any
) -> None:
    make_mask(image, team["owner"])
    [replica] = make_replicas(image=image, people=[anna])
    other = make_image(dataset, team["owner"], name="other.png", seed=1)
    for person, ids in (
        (anna, [replica.pk, other.pk]),
        (team["annotator"], [other.pk]),
        (team["viewer"], [image.pk, other.pk]),
        (team["owner"], [image.pk, other.pk]),
    ):
        assert sorted(listed(person, dataset)) == sorted(ids), person
        page = client(person).get(f"/datasets/{dataset.pk}/").content.decode()
        assert [f"annotate/{pk}/" in page for pk in ids] == [True] * len(ids)
    assert client(anna).get(f"/api/images/{image.pk}/").status_code == 404
    assert client(anna).get("/api/masks/", {"image": image.pk}).json()["results"] == []


def test_nothing_tells_a_replica_from_another_image(
    dataset: Dataset, image: Image, team: dict[str, Any], anna: Any
) -> None:
    plain = make_image(dataset, team["owner"], name="plain.png", seed=1)
    Image.objects.filter(pk=plain.pk).update(created_at=image.created_at)
    [replica] = make_replicas(image=image, people=[anna])

    def told(pk: int) -> dict[str, Any]:
        row = client(anna).get(f"/api/images/{pk}/").json()
        own = ("id", "name", "sha256", "pixels_url", "thumbnail_url", "channels_url")
        return {name: value for name, value in row.items() if name not in own}

    assert told(replica.pk) == told(plain.pk)
    kinds = [
        list(Event.objects.filter(image=pk).values_list("kind", "actor")) for pk in (replica, plain)
    ]
    assert kinds[0] == kinds[1]


def test_replicas_are_no_further_images(
    dataset: Dataset, image: Image, team: dict[str, Any], anna: Any, ben: Any
) -> None:
    annotate(image, anna, (5, 4))
    make_replicas(image=image, people=[ben])
    dataset.refresh_from_db()
    assert dataset.image_count == 1
    assert not annotated_images(dataset.pk).exists()
    for person, role, new in ((team["owner"], "owner", 1), (ben, "annotator", 1)):
        dataset.my_role = role
        states = images_by_state(dataset, person)
        assert (states["new"], sum(states.values())) == (new, 1)
    assert not [line for line in differences(dataset) if "seconds" not in line]
    assert sum(row["images"] for row in StateCount.objects.totals()) == 3


def test_exports_hold_what_one_may_see(
    dataset: Dataset, image: Image, team: dict[str, Any], anna: Any
) -> None:
    make_mask(image, team["owner"], x=1)
    replica = annotate(image, anna, (20, 4), (30, 4))
    for person, expected in ((team["owner"], (image.pk, 1)), (anna, (replica.pk, 2))):
        export = create_export(user=person, dataset=dataset, format="coco_rle")
        run_export(export_id=export.pk)
        export.refresh_from_db()
        file = json.loads(open_export(user=person, export=export)[0].read_text())
        assert ([row["id"] for row in file["images"]], len(file["annotations"])) == (
            [expected[0]],
            expected[1],
        )


def test_exports_of_others_are_there_for_who_oversees(
    dataset: Dataset, image: Image, team: dict[str, Any], anna: Any, ben: Any
) -> None:
    """They hold the truth of honeypots, and what others drew in their replicas."""
    make_mask(image, team["owner"], x=1)
    annotate(image, ben, (20, 4))
    makers = {"owner": team["owner"], "anna": anna, "ben": ben}
    exports = {
        name: create_export(user=person, dataset=dataset, format="coco_rle").pk
        for name, person in makers.items()
    }
    for pk in exports.values():
        run_export(export_id=pk)
    shown = {"anna": {"anna"}, "ben": {"ben"}, "annotator": set(), "viewer": set()}
    shown |= {overseer: set(exports) for overseer in ("owner", "admin", "reviewer")}
    for reader, expected in shown.items():
        person = client((team | makers)[reader])
        rows = person.get("/api/exports/", {"dataset": dataset.pk}).json()["results"]
        assert {row["id"] for row in rows} == {exports[name] for name in expected}, reader
        for name, pk in exports.items():
            for path in (f"/api/exports/{pk}/", f"/api/exports/{pk}/download/"):
                answer = person.get(path)
                assert answer.status_code == (200 if name in expected else 404), (reader, path)
                if answer.streaming:
                    # Read to its end: closing it would close the database's connection as well.
                    list(answer.streaming_content)


def test_an_annotator_imports_into_their_replica(
    dataset: Dataset, image: Image, team: dict[str, Any], anna: Any
) -> None:
    [replica] = make_replicas(image=image, people=[anna])
    box = {"size": [30, 40], "counts": [4 * 30 + 5, 3, 30 * 40 - 4 * 30 - 8]}
    coco = {
        "images": [{"id": 1, "file_name": image.name, "width": 40, "height": 30}],
        "categories": [{"id": 1, "name": "Nucleus"}],
        "annotations": [
            {
                "id": 1,
                "image_id": 1,
                "category_id": 1,
                "segmentation": box,
                "bbox": [4, 5, 1, 3],
                "area": 3,
                "iscrowd": 1,
            }
        ],
    }
    file = SimpleUploadedFile("masks.json", json.dumps(coco).encode())
    job = create_import(user=anna, dataset=dataset, format="coco", file=file)
    run_import(import_id=job.pk)
    job.refresh_from_db()
    assert job.error == ""
    assert (replica.masks.count(), image.masks.count()) == (1, 0)
    assert not [line for line in differences(dataset) if "seconds" not in line]


def test_images_are_shared_out_evenly(
    dataset: Dataset, team: dict[str, Any], anna: Any, ben: Any
) -> None:
    images = [make_image(dataset, team["owner"], name=f"{n}.png", seed=n) for n in range(3)]
    people = [anna, ben, team["annotator"]]
    assert share_out(images=images, people=people, times=2) == 6
    shares = [Image.objects.filter(replica_for=person).count() for person in people]
    assert shares == [2, 2, 2]
    assert all(image.replicas.count() == 2 for image in images)
    with pytest.raises(BadInput, match="at least as many"):
        share_out(images=images, people=people, times=4)


def test_who_oversees_cannot_have_a_replica(image: Image, team: dict[str, Any], anna: Any) -> None:
    for name in ("owner", "reviewer", "viewer", "stranger"):
        with pytest.raises(BadInput, match="no annotator"):
            make_replicas(image=image, people=[team[name]])
    [replica] = make_replicas(image=image, people=[anna])
    assert make_replicas(image=image, people=[anna]) == []
    with pytest.raises(Conflict, match="is a replica"):
        make_replicas(image=replica, people=[anna])


def test_replicas_are_handed_out_by_the_api(
    dataset: Dataset, image: Image, client_of: ClientOf, team: dict[str, Any], anna: Any, ben: Any
) -> None:
    owner, path = client_of("owner"), f"/api/datasets/{dataset.pk}/replicas/"
    body = {"images": 5, "times": 2, "people": [anna.pk, ben.pk]}
    refused = owner.post(path, body | {"people": [anna.pk, team["reviewer"].pk]})
    assert (refused.status_code, refused.json()["field"]) == (400, "people")
    assert owner.post(path, body).json() == {"replicas": 2}
    assert {row.replica_for for row in image.replicas.all()} == {anna, ben}
    assert owner.post(path, body).json() == {"replicas": 0}


def test_replicas_are_handed_out_on_the_page(
    dataset: Dataset, image: Image, client_of: ClientOf, anna: Any, ben: Any
) -> None:
    owner = client_of("owner")
    form = {"images": 5, "times": 2, "people": [anna.pk, ben.pk]}
    page = owner.post(f"/datasets/{dataset.pk}/replicas/", form, format="multipart", follow=True)
    assert "2 replicas are handed out" in page.content.decode()
    assert image.name in page.content.decode()
    form["people"] = []
    page = owner.post(f"/datasets/{dataset.pk}/replicas/", form, format="multipart", follow=True)
    assert "Choose who is to annotate them" in page.content.decode()


def test_the_api_hands_out_replicas_of_the_images_it_is_told(
    dataset: Dataset, image: Image, client_of: ClientOf, team: dict[str, Any], anna: Any, ben: Any
) -> None:
    owner, path = client_of("owner"), f"/api/datasets/{dataset.pk}/replicas/"
    [replica] = make_replicas(image=image, people=[anna])
    second = make_image(dataset, team["owner"], name="second.png", seed=1)
    third = make_image(dataset, team["owner"], name="third.png", seed=2)
    body = {"times": 1, "people": [anna.pk, ben.pk]}
    answer = owner.post(path, body | {"image_ids": [third.pk, image.pk, third.pk]})
    assert answer.json() == {"replicas": 2}
    given = [{row.replica_for for row in each.replicas.all()} for each in (third, image, second)]
    assert given == [{anna}, {anna, ben}, set()]
    another = create_dataset(user=team["owner"], name="Another")
    elsewhere = make_image(another, team["owner"])
    for wrong, named in ((replica, f"“{replica.name}” ({replica.pk})"), (elsewhere, elsewhere.pk)):
        refused = owner.post(path, body | {"image_ids": [second.pk, wrong.pk]})
        assert (refused.status_code, refused.json()["field"]) == (400, "image_ids")
        assert str(named) in refused.json()["detail"]
    for neither in ({}, {"images": 1, "image_ids": [second.pk]}):
        assert owner.post(path, body | neither).status_code == 400
    assert not second.replicas.exists()


def test_an_image_is_given_to_one_more_annotator(
    dataset: Dataset, image: Image, client_of: ClientOf, anna: Any, ben: Any
) -> None:
    """In the place of one who has left, say."""
    annotate(image, anna, (5, 4))
    owner, path = client_of("owner"), f"/images/{image.pk}/agreement/"
    page = owner.get(path).content.decode()
    box = '<input type="checkbox" name="people" value="{}"'
    assert (box.format(anna.pk) in page, box.format(ben.pk) in page) == (False, True)
    assert "/replicas/" not in client_of("reviewer").get(path).content.decode()
    for count in (1, 0):
        form = {"people": [ben.pk]}
        page = owner.post(f"/images/{image.pk}/replicas/", form, format="multipart", follow=True)
        assert f"{count} replica" in page.content.decode()
    assert {row.replica_for for row in image.replicas.all()} == {anna, ben}
    page = owner.post(f"/images/{image.pk}/replicas/", {}, format="multipart", follow=True)
    assert "Choose who is to annotate them" in page.content.decode()


def test_after_the_last_replica_the_image_is_like_any_other(
    dataset: Dataset, image: Image, client_of: ClientOf, team: dict[str, Any], anna: Any, ben: Any
) -> None:
    first, second = make_replicas(image=image, people=[anna, ben])
    owner = client_of("owner")
    assert f"/images/{first.pk}/take-back/" in owner.get(f"/images/{image.pk}/agreement/").text
    for replica, seen in ((first, []), (second, [image.pk])):
        page = owner.post(f"/images/{replica.pk}/take-back/", follow=True).content.decode()
        assert f"The replica of {replica.replica_for} is taken back" in page
        assert listed(anna, dataset) == seen
        assert Event.objects.filter(image=replica).latest("pk").kind == Kind.IMAGE_DELETED
        assert not [line for line in differences(dataset) if "seconds" not in line]
    assert not Image.objects.get(pk=image.pk).replicated
    [again] = make_replicas(image=image, people=[anna], user=team["owner"])
    assert again == first
    assert listed(anna, dataset) == [first.pk]
    assert listed(ben, dataset) == []
    told = Event.objects.filter(image=first).latest("pk")
    assert (told.kind, told.actor) == (Kind.IMAGE_RESTORED, team["owner"])
    assert not [line for line in differences(dataset) if "seconds" not in line]


def test_what_is_begun_is_not_taken_back(
    dataset: Dataset, image: Image, client_of: ClientOf, team: dict[str, Any], anna: Any, ben: Any
) -> None:
    drawn, submitted = make_replicas(image=image, people=[anna, ben])
    make_mask(drawn, anna)
    Image.objects.filter(pk=drawn.pk).update(status=Image.Status.NEW)
    annotate(image, ben)
    owner = client_of("owner")
    page = owner.get(f"/images/{image.pk}/agreement/").content.decode()
    for replica in (drawn, submitted):
        assert f"/images/{replica.pk}/take-back/" not in page
        said = owner.post(f"/images/{replica.pk}/take-back/", follow=True).content.decode()
        assert f"{replica.replica_for} has begun this replica" in said
    said = owner.post(f"/images/{image.pk}/take-back/", follow=True).content.decode()
    assert "is no replica" in said
    assert image.replicas.count() == 2


def test_the_truth_of_a_honeypot_stays_hidden(
    dataset: Dataset, image: Image, team: dict[str, Any]
) -> None:
    make_mask(image, team["owner"])
    image.refresh_from_db()
    make_honeypot(image=image)
    [replica] = image.replicas.all()
    with pytest.raises(Conflict, match="honeypot"):
        take_back(user=team["owner"], replica=replica)
    delete_image(user=team["owner"], image=replica)
    assert listed(team["annotator"], dataset) == []
    dataset.honeypot_every, dataset.my_role = 1, "annotator"
    images = Image.objects.visible_to(team["annotator"])
    assert due_honeypot(user=team["annotator"], dataset=dataset, images=images) is None
    end_honeypot(image=image)
    assert listed(team["annotator"], dataset) == [image.pk]


def test_a_replica_out_of_the_trash_hides_its_original(
    dataset: Dataset, image: Image, team: dict[str, Any], anna: Any
) -> None:
    [replica] = make_replicas(image=image, people=[anna])
    delete_image(user=team["owner"], image=replica)
    assert listed(anna, dataset) == [image.pk]
    restore_image(user=team["owner"], image=Image.trash.get(pk=replica.pk))
    assert listed(anna, dataset) == [replica.pk]
    assert not [line for line in differences(dataset) if "seconds" not in line]
