"""A mask can be compared with what the model had answered, whatever people made of it since."""

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from annotations.models import Image, Mask
from ml.models import Prediction
from tests.factories import make_mask, wire_mask


def answer(client: Any, image: Image, after: Any = None) -> Any:
    query = f"?after={after}" if after else ""
    return client.get(f"/api/images/{image.pk}/model-answers/{query}")


def predicted(**told: Any) -> Prediction:
    size = {"width": 40, "height": 30, "enqueued_at": timezone.now()}
    return Prediction.objects.create(
        id=uuid4(), topic="t", image_path="p", image_sha256="0", status="done", **size, **told
    )


def from_prediction(image: Image, user: Any, prediction: Prediction, **shape: int) -> Mask:
    mask = make_mask(image, user, **shape)
    Mask.objects.filter(pk=mask.pk).update(prediction=prediction)
    return mask


def test_each_mask_has_the_answer_from_which_it_came(
    client_of: Any, image: Image, team: dict[str, Any]
) -> None:
    ann = team["annotator"]
    clicked = predicted(mask=wire_mask(x=6) | {"area": 18}, score=0.7)
    one = from_prediction(image, ann, clicked, x=5)
    proposals = [wire_mask(x=x) | {"area": 18, "score": 0.5} for x in (19, 22, 33)]
    whole = predicted(proposals=proposals)
    other = from_prediction(image, ann, whole, x=20)
    from_prediction(image, ann, whole, x=12)  # moved to where nothing was proposed
    make_mask(image, ann, x=27)  # drawn
    gone = from_prediction(image, ann, clicked, x=33, y=20)
    Mask.objects.filter(pk=gone.pk).update(deleted_at=gone.created_at)

    body = answer(client_of("viewer"), image).json()
    found = {row["id"]: row for row in body["masks"]}
    assert body["next"] is None
    assert found.keys() == {str(one.pk), str(other.pk)}
    assert found[str(one.pk)]["bbox"][0] == 6
    assert found[str(one.pk)]["score"] == 0.7
    assert found[str(other.pk)]["bbox"][0] == 19


def test_answers_come_in_pages_with_as_many_queries_for_many(
    client_of: Any,
    image: Image,
    team: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Any,
) -> None:
    monkeypatch.setattr("annotations.api.model_answers.MASKS_A_PAGE", 3)
    made = {
        str(
            from_prediction(
                image, team["annotator"], predicted(mask=wire_mask(x=x) | {"area": 18}), x=x
            ).pk
        )
        for x in (5, 15, 25, 35)
    }
    viewer = client_of("viewer")
    with django_assert_max_num_queries(6):
        first = answer(viewer, image).json()
    rest = answer(viewer, image, first["next"]).json()
    assert len(first["masks"]) == 3
    assert rest["next"] is None
    assert {row["id"] for row in first["masks"] + rest["masks"]} == made


def test_strangers_learn_nothing(client_of: Any, image: Image) -> None:
    assert answer(client_of("stranger"), image).status_code == 404
