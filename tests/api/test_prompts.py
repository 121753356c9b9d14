"""A click is kept with who and when, asked about once, and answered as JSON."""

from typing import Any
from uuid import uuid4

import pytest

from annotations.models import Click, Image, Prompt
from annotations.services.dataset import create_dataset
from ml.models import Prediction
from tests.factories import make_image, wire_mask


@pytest.fixture
def annotator(client_of: Any) -> Any:
    return client_of("annotator")


def click(x: float = 10.5, y: float = 7.25, *, positive: bool = True) -> dict[str, Any]:
    return {"id": str(uuid4()), "x": x, "y": y, "positive": positive}


def ask(client: Any, image: Image, **body: Any) -> Any:
    return client.post(
        "/api/prompts/", {"id": str(uuid4()), "image": image.pk, "clicks": []} | body
    )


def test_a_click_is_stored_and_asked_about(annotator: Any, image: Image, team: Any) -> None:
    clicks = [click(), click(1, 2, positive=False)]
    answer = ask(annotator, image, clicks=clicks)
    assert answer.status_code == 201
    prompt = answer.json()
    assert prompt["clicks"] == clicks
    assert (prompt["image"], prompt["mask"], prompt["proposals"]) == (image.pk, None, [])

    stored = Click.objects.get(pk=clicks[0]["id"])
    assert (stored.x, stored.y, stored.positive) == (10.5, 7.25, True)
    assert stored.created_by == team["annotator"]
    prediction = Prediction.objects.get(pk=prompt["id"])
    assert stored.prediction == prediction
    assert prediction.topic == f"image:{image.pk}"
    assert prediction.clicks == [[10.5, 7.25, True], [1.0, 2.0, False]]


def test_asking_again_under_the_same_id_changes_nothing(annotator: Any, image: Image) -> None:
    body = {"id": str(uuid4()), "clicks": [click()]}
    first, again = ask(annotator, image, **body), ask(annotator, image, **body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Prediction.objects.count() == Click.objects.count() == 1


def test_a_refinement_repeats_clicks_and_keeps_their_first_answer(
    annotator: Any, image: Image
) -> None:
    first_click = click()
    first = ask(annotator, image, clicks=[first_click]).json()
    second = ask(
        annotator, image, clicks=[first_click, click(3, 3, positive=False)], mask=wire_mask()
    )
    assert second.status_code == 201
    assert Click.objects.count() == 2
    assert str(Click.objects.get(pk=first_click["id"]).prediction_id) == first["id"]
    prior = Prediction.objects.get(pk=second.json()["id"]).prior
    assert prior
    assert {key: prior[key] for key in ("bbox", "counts")} == wire_mask()


def test_the_answer_is_read_under_the_same_id(annotator: Any, image: Image) -> None:
    prompt = ask(annotator, image, clicks=[click()]).json()
    mask = wire_mask() | {"area": 18}
    Prediction.objects.filter(pk=prompt["id"]).update(
        status="done", mask=mask, score=0.9, latency_ms=42, proposals=[mask | {"score": 0.5}]
    )
    answer = annotator.get(f"/api/prompts/{prompt['id']}/").json()
    assert answer["mask"] == mask
    assert answer["proposals"] == [mask | {"score": 0.5}]
    assert (answer["status"], answer["score"], answer["latency_ms"]) == ("done", 0.9, 42)


@pytest.mark.parametrize(("x", "y"), [(40, 3), (-0.01, 3), (3, 30), (1e300, 3)])
def test_a_click_outside_the_image_is_refused(
    annotator: Any, image: Image, x: float, y: float
) -> None:
    answer = ask(annotator, image, clicks=[click(x, y)])
    assert answer.status_code == 400
    assert answer.json()["code"] == "click_outside"
    assert "40 × 30" in answer.json()["detail"]
    assert not Prompt.objects.exists()
    assert not Click.objects.exists()


def test_a_box_is_asked_about_and_read_back(annotator: Any, image: Image) -> None:
    body = {"id": str(uuid4()), "box": [3.5, 2, 40, 30], "clicks": [click(positive=False)]}
    answer = ask(annotator, image, **body)
    assert answer.status_code == 201
    assert answer.json()["box"] == [3.5, 2, 40, 30]
    assert Prediction.objects.get().box == [3.5, 2, 40, 30]
    assert ask(annotator, image, **body).status_code == 200
    assert ask(annotator, image, clicks=[click()]).json()["box"] is None


@pytest.mark.parametrize(
    "box",
    [
        [-0.5, 2, 10, 10],
        [3, 2, 40.5, 10],
        [3, 2, 10, 30.01],
        [10, 2, 3, 10],
        [3, 10, 10, 10],
        [3, 2, 1e300, 10],
    ],
)
def test_a_box_that_is_no_box_inside_the_image_is_refused(
    annotator: Any, image: Image, box: list[float]
) -> None:
    answer = ask(annotator, image, box=box)
    assert answer.status_code == 400
    assert (answer.json()["code"], answer.json()["field"]) == ("bad_box", "box")
    assert "40 × 30" in answer.json()["detail"]
    assert not Prompt.objects.exists()


def test_an_id_that_another_image_is_using_is_a_conflict(
    annotator: Any, image: Image, team: Any
) -> None:
    prompt = ask(annotator, image, clicks=[click()]).json()
    Prompt.objects.all().delete()  # as if the other request had not got so far yet
    other = make_image(image.dataset, team["owner"], name="other.png", seed=1)
    answer = ask(annotator, other, id=prompt["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "id_reused")


def test_the_corners_are_inside(annotator: Any, image: Image) -> None:
    assert ask(annotator, image, clicks=[click(0, 0), click(39.999, 29.999)]).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"clicks": [{"x": 1, "y": 1, "positive": True}]}, "clicks.0.id"),
        ({"clicks": [{"id": str(uuid4()), "x": "NaN", "y": 1, "positive": True}]}, "clicks"),
        ({"id": "7"}, "id"),
        ({"clicks": None}, "clicks"),
        ({"box": [1, 2, 3]}, "box"),
        ({"box": [1, 2, 3, "NaN"]}, "box"),
        ({"box": "1234"}, "box"),
        ({"mask": {"bbox": [0, 0, 1, 1]}}, "mask.counts"),
    ],
)
def test_a_malformed_prompt_is_refused_by_field(
    annotator: Any, image: Image, body: dict[str, Any], field: str
) -> None:
    answer = ask(annotator, image, **body)
    assert answer.status_code == 400
    assert field in answer.json()["detail"] or field in answer.json().get("field", "")


def test_a_prior_that_does_not_fit_is_refused(annotator: Any, image: Image) -> None:
    answer = ask(annotator, image, clicks=[click()], mask=wire_mask() | {"bbox": [39, 0, 6, 3]})
    assert answer.status_code == 400
    assert answer.json()["field"] == "mask"


def test_ids_of_another_image_are_refused(annotator: Any, image: Image, team: Any) -> None:
    other = make_image(create_dataset(user=team["annotator"], name="Other"), team["annotator"])
    used = click()
    theirs = ask(annotator, other, clicks=[used]).json()
    assert ask(annotator, image, id=theirs["id"]).status_code == 409
    assert ask(annotator, image, clicks=[used]).status_code == 409


def test_many_proposals_come_in_portions_under_a_megabyte(annotator: Any, image: Image) -> None:
    prompt = ask(annotator, image, clicks=[]).json()
    made = [
        {"bbox": [k, 0, 9, 9], "counts": "0" * 250, "area": k, "score": 0.9} for k in range(4000)
    ]
    Prediction.objects.filter(pk=prompt["id"]).update(status="done", proposals=made)
    answer = annotator.get(f"/api/prompts/{prompt['id']}/")
    found = answer.json()["proposals"]
    more = answer.json()["more_proposals"]
    while more:
        assert len(found) == more
        answer = annotator.get(f"/api/prompts/{prompt['id']}/proposals/?start={more}")
        assert len(answer.content) < 1_000_000
        found += answer.json()["proposals"]
        more = answer.json()["more_proposals"]
    assert found == made


def test_proposals_beyond_the_last_are_none(annotator: Any, image: Image) -> None:
    id = ask(annotator, image, clicks=[]).json()["id"]
    beyond = annotator.get(f"/api/prompts/{id}/proposals/?start=5").json()
    assert beyond == {"proposals": [], "more_proposals": None}
    assert annotator.get(f"/api/prompts/{id}/proposals/?start=x").status_code == 400
