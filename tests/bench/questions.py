"""What tests/bench/pages.py asks for: all that tests/api/endpoints.py can read, and long lists."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.db.models import Max
from django.test import Client

from annotations.models import Dataset, Image, Membership, Role
from tests.api.endpoints import ENDPOINTS, Door
from tests.factories import wire_mask

Ask = Callable[[], Any]

STREAM = "/api/images/{image}/events/"
# Beside what the endpoints show by themselves; "{far}" is near the end of the list.
MORE = (
    "/api/images/?dataset={dataset}",
    "/api/images/?dataset={dataset}&status=accepted",
    "/api/images/?dataset={dataset}&cursor={cursor}",
    "/api/masks/?image={image}",
    "/api/masks/?image={image}&bbox=0,0,200,200",
    "/datasets/{dataset}/?status=accepted",
    "/datasets/{dataset}/images/?after={far}",
)
AS_ANNOTATOR = (
    "/datasets/{dataset}/",
    "/datasets/{dataset}/progress/",
    "/api/images/?dataset={dataset}",
    "/api/images/next/?dataset={dataset}",
)


def questions(dataset: Dataset) -> dict[str, Ask]:
    """Name -> how to ask. Each may be asked any number of times."""
    owner, annotator = (client_of(dataset, role) for role in (Role.OWNER, Role.ANNOTATOR))
    ids = ids_of(dataset)
    asked = {path: reading(owner, path, ids) for path in readable(ids)}
    asked |= {path: reading(owner, path, ids) for path in MORE}
    asked |= {f"{path} (annotator)": reading(annotator, path, ids) for path in AS_ANNOTATOR}
    asked["PUT /api/masks/{new}/"] = lambda: save_mask(annotator, ids["image"])
    return asked


def readable(ids: Mapping[str, Any]) -> list[str]:
    """The paths that answer with something, except of kinds of rows that load data has none of."""
    paths = []
    for endpoint in ENDPOINTS:
        if endpoint.method != "GET" or endpoint.success != 200 or endpoint.path == STREAM:
            continue
        try:
            endpoint.path.format_map(ids)
        except KeyError:
            continue
        if endpoint.door is not Door.ANYONE:
            paths.append(endpoint.path)
    return paths


def ids_of(dataset: Dataset) -> dict[str, Any]:
    """Rows from the middle of the dataset, by their names in tests/api/endpoints.py."""
    images = Image.objects.filter(dataset=dataset)
    last = images.aggregate(last=Max("pk"))["last"]
    image = images.filter(
        status=Image.Status.IN_PROGRESS, pk__gte=last - dataset.image_count // 2
    ).earliest("pk")
    mask = image.masks.earliest("pk")
    far = last - 100
    return {
        "dataset": dataset.pk,
        "image": image.pk,
        "mask": mask.pk,
        "label_class": mask.label_class_id,
        "member": dataset.memberships.latest("pk").pk,
        "far": far,
        "cursor": b64encode(urlencode({"p": far}).encode()).decode(),
    }


def client_of(dataset: Dataset, role: Role) -> Client:
    """Somebody who has that role, signed in."""
    client = Client()
    client.force_login(Membership.objects.filter(dataset=dataset, role=role).earliest("pk").user)
    return client


def reading(client: Client, path: str, ids: Mapping[str, Any]) -> Ask:
    address = path.format_map(ids)

    def ask() -> None:
        answer: Any = client.get(address)
        if answer.streaming:
            list(answer.streaming_content)
        assert answer.status_code == 200, (address, answer)

    return ask


def save_mask(client: Client, image: int) -> None:
    body = {"image": image, "origin": "drawn", "version": 0, **wire_mask()}
    answer = client.put(f"/api/masks/{uuid4()}/", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
