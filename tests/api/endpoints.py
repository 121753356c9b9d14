"""Every endpoint of the app, and who is let in: what tests/api/test_roles.py tries.

A new URL needs its line here, one for each method; the test that walks the URLs says which are
missing. Names in braces are rows of tests/api/world.py. A line says what happens to whoever is
let in (`success`); what happens to all others follows from its door:

- (thing, verb): members of the dataset, by annotations/permissions.py; for others it is not there,
  nor for members whose role is in `hidden_from`
- ONES_OWN: whoever owns the row in braces, here the owner; for others it is not there
- LIST: a page of rows, each person seeing those of their own datasets only
- SIGNED_IN: everybody with an account, all alike
- STAFF: administrators of the site; others are told so
- ANYONE: whoever comes along
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from uuid import UUID, uuid4

from annotations.models import (
    Batch,
    Comment,
    Consensus,
    Dataset,
    Export,
    GroupAccess,
    Image,
    ImportJob,
    Invitation,
    LabelClass,
    Mask,
    Membership,
    Prompt,
    Role,
)
from annotations.permissions import Thing, Verb
from tests.api.world import SHA
from tests.factories import png_file, wire_mask


class Door(Enum):
    ONES_OWN = auto()
    LIST = auto()
    SIGNED_IN = auto()
    STAFF = auto()
    ANYONE = auto()


Body = Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    door: tuple[Thing, Verb] | Door
    success: int = 200
    body: Body | None = None
    format: str = "json"
    # What a token must cover, where it is not the door's verb.
    scope: Verb | None = None
    hidden_from: frozenset[Role] = frozenset()

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")


def get(path: str, door: Any, success: int = 200, **more: Any) -> Endpoint:
    return Endpoint("GET", path, door, success, **more)


def post(path: str, door: Any, success: int = 201, body: Body | None = None, **more: Any) -> Any:
    return Endpoint("POST", path, door, success, body, **more)


def form(path: str, door: Any, body: Body | None = None, success: int = 302) -> Endpoint:
    """A form of an ordinary page, which answers with another page."""
    return Endpoint("POST", path, door, success, body, "multipart")


def put(path: str, door: Any, success: int, body: Body) -> Endpoint:
    return Endpoint("PUT", path, door, success, body)


def patch(path: str, door: Any, body: Body) -> Endpoint:
    return Endpoint("PATCH", path, door, 200, body)


def delete(path: str, door: Any, success: int = 204, **more: Any) -> Endpoint:
    return Endpoint("DELETE", path, door, success, **more)


def _mask(ids: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    whole = {"image": ids["image"], "label_class": ids["label_class"], "origin": "drawn"}
    return whole | wire_mask(x=20) | fields


TAB = "6c1f2e0e-8a54-4c6e-9f0e-3f0f1c4b8f11"
VIEW, ANNOTATE, MANAGE, OWN = Verb.VIEW, Verb.ANNOTATE, Verb.MANAGE, Verb.OWN
# What an overseer made is hidden from these, and what a viewer made from annotators.
OVERSEEN = frozenset({Role.ANNOTATOR, Role.VIEWER})
ANNOTATOR = frozenset({Role.ANNOTATOR})

API = [
    # --- you ---
    get("/api/me/", Door.SIGNED_IN),
    get("/api/preferences/", Door.SIGNED_IN),
    patch("/api/preferences/", Door.SIGNED_IN, lambda ids: {"tour_seen": True}),
    get("/api/status/", Door.SIGNED_IN),
    get("/api/schema/", Door.ANYONE),
    get("/api/tokens/", Door.SIGNED_IN),
    post("/api/tokens/", Door.SIGNED_IN, 201, lambda ids: {"name": "script"}),
    get("/api/tokens/{token}/", Door.ONES_OWN),
    delete("/api/tokens/{token}/", Door.ONES_OWN),
    # --- datasets, members, classes ---
    get("/api/datasets/", Door.LIST),
    post("/api/datasets/", Door.SIGNED_IN, 201, lambda ids: {"name": "New"}, scope=Verb.OWN),
    get("/api/datasets/{dataset}/", (Dataset, VIEW)),
    patch("/api/datasets/{dataset}/", (Dataset, MANAGE), lambda ids: {"name": "New", "version": 1}),
    delete("/api/datasets/{dataset}/", (Dataset, OWN)),
    post("/api/datasets/{trashed_dataset}/restore/", (Dataset, OWN), 200),
    get("/api/members/", Door.LIST),
    post(
        "/api/members/",
        (Dataset, MANAGE),
        201,
        lambda ids: {"dataset": ids["dataset"], "username": "newcomer", "role": "viewer"},
    ),
    get("/api/members/{member}/", (Membership, VIEW)),
    patch(
        "/api/members/{member}/",
        (Membership, MANAGE),
        lambda ids: {"role": "reviewer", "version": 1},
    ),
    delete("/api/members/{member}/", (Membership, MANAGE)),
    get("/api/datasets/{dataset}/invitations/", (Dataset, MANAGE)),
    post(
        "/api/datasets/{dataset}/invitations/",
        (Dataset, MANAGE),
        201,
        lambda ids: {"role": "viewer"},
    ),
    get("/api/invitations/{invitation}/", (Invitation, VIEW)),
    delete("/api/invitations/{invitation}/", (Invitation, MANAGE)),
    get("/api/group-accesses/", Door.LIST),
    post(
        "/api/group-accesses/",
        (Dataset, MANAGE),
        201,
        lambda ids: {"dataset": ids["dataset"], "group": "group", "role": "viewer"},
    ),
    get("/api/group-accesses/{access}/", (GroupAccess, VIEW)),
    patch(
        "/api/group-accesses/{access}/",
        (GroupAccess, MANAGE),
        lambda ids: {"role": "reviewer", "version": 1},
    ),
    delete("/api/group-accesses/{access}/", (GroupAccess, MANAGE)),
    get("/api/groups/", Door.STAFF),
    post("/api/groups/", Door.STAFF, 201, lambda ids: {"name": "New"}),
    get("/api/groups/{group}/", Door.STAFF),
    delete("/api/groups/{group}/", Door.STAFF),
    post("/api/groups/{group}/people/", Door.STAFF, 201, lambda ids: {"username": "newcomer"}),
    delete("/api/groups/{group}/people/{grouped}/", Door.STAFF),
    get("/api/classes/", Door.LIST),
    post(
        "/api/classes/",
        (Dataset, MANAGE),
        201,
        lambda ids: {"dataset": ids["dataset"], "name": "Debris", "color": "#000000"},
    ),
    get("/api/classes/{label_class}/", (LabelClass, VIEW)),
    patch(
        "/api/classes/{label_class}/",
        (LabelClass, MANAGE),
        lambda ids: {"color": "#000000", "version": 1},
    ),
    delete("/api/classes/{label_class}/", (LabelClass, MANAGE)),
    get("/api/datasets/{dataset}/held-out/", (Dataset, MANAGE)),
    post(
        "/api/datasets/{dataset}/held-out/",
        (Dataset, MANAGE),
        200,
        lambda ids: {"groups": ["cells.png"]},
    ),
    post("/api/classes/{trashed_class}/restore/", (LabelClass, MANAGE), 200),
    # --- images ---
    get("/api/images/", Door.LIST),
    post(
        "/api/images/",
        (Dataset, Verb.UPLOAD),
        201,
        lambda ids: {"dataset": ids["dataset"], "file": png_file("7.png", seed=7)},
        format="multipart",
    ),
    get("/api/images/{image}/", (Image, VIEW)),
    patch("/api/images/{image}/", (Image, ANNOTATE), lambda ids: {"name": "b.png", "version": 1}),
    delete("/api/images/{image}/", (Image, Verb.DELETE_IMAGE)),
    post("/api/images/{trashed_image}/restore/", (Image, Verb.DELETE_IMAGE), 200),
    get("/api/images/{image}/pixels/", (Image, VIEW)),
    get("/api/images/{image}/thumbnail/", (Image, VIEW)),
    get("/api/images/{image}/original/", (Image, VIEW)),
    get("/api/images/next/?dataset={dataset}", (Dataset, VIEW)),
    post("/api/images/{image}/submit/", (Image, ANNOTATE), 200, lambda ids: {"version": 1}),
    # In progress, because it has a mask.
    post("/api/images/{image}/reopen/", (Image, ANNOTATE), 409, lambda ids: {"version": 1}),
    post("/api/images/{image}/review/", (Image, Verb.REVIEW), 409, lambda ids: {"version": 1}),
    post("/api/images/{image}/release/", (Image, Verb.REVIEW), 409, lambda ids: {"version": 1}),
    post("/api/images/{image}/accept/", (Image, Verb.REVIEW), 409, lambda ids: {"version": 1}),
    post("/api/images/{image}/return/", (Image, Verb.REVIEW), 409, lambda ids: {"version": 1}),
    get("/api/images/{image}/channels/", (Image, VIEW), 404),
    get("/api/images/{image}/rendering/?show=", (Image, VIEW), 404),
    get("/api/images/{image}/events/", (Image, VIEW)),
    get("/api/images/{image}/changes/", (Image, VIEW)),
    get("/api/images/{image}/timeline/", (Image, VIEW)),
    post(
        "/api/images/{image}/timeline/", (Image, ANNOTATE), 200, lambda ids: {"event": ids["event"]}
    ),
    get("/api/images/{image}/timeline/{event}/masks/", (Image, VIEW)),
    get("/api/images/{image}/proposal-sets/", (Image, VIEW)),
    get("/api/images/{image}/model-answers/", (Image, VIEW)),
    get("/api/images/{image}/lease/", (Image, VIEW)),
    put("/api/images/{image}/lease/", (Image, ANNOTATE), 200, lambda ids: {"tab": TAB}),
    post("/api/images/{image}/lease/", (Image, ANNOTATE), 204),
    delete(f"/api/images/{{image}}/lease/?tab={TAB}", (Image, ANNOTATE)),
    get("/api/images/{image}/encoding/", (Image, VIEW)),
    get(f"/api/images/{{image}}/encoding/{SHA[:16]}/0_0_448/", (Image, VIEW), 404),
    post(
        "/api/images/next/",
        (Dataset, ANNOTATE),
        200,
        lambda ids: {"dataset": ids["dataset"]},
    ),
    # --- working together ---
    get("/api/batches/", Door.LIST),
    post(
        "/api/batches/",
        (Dataset, MANAGE),
        201,
        lambda ids: {"dataset": ids["dataset"], "name": "Second"},
    ),
    get("/api/batches/{batch}/", (Batch, VIEW)),
    patch("/api/batches/{batch}/", (Batch, MANAGE), lambda ids: {"name": "1", "version": 1}),
    delete("/api/batches/{batch}/", (Batch, MANAGE)),
    post("/api/batches/{batch}/images/", (Batch, MANAGE), 200, lambda ids: {"images": []}),
    post("/api/batches/{batch}/images/remove/", (Batch, MANAGE), 200, lambda ids: {"images": []}),
    post(
        "/api/datasets/{dataset}/assignments/",
        (Dataset, MANAGE),
        200,
        lambda ids: {"images": [], "to": []},
    ),
    post(
        "/api/datasets/{dataset}/replicas/",
        (Dataset, MANAGE),
        200,
        lambda ids: {"images": 1, "times": 1, "people": [ids["annotator"]]},
    ),
    get("/api/comments/", Door.LIST),
    get("/api/comments/{comment}/", (Comment, VIEW)),
    # One's own: the others' roles may, but not with somebody else's.
    put(
        f"/api/comments/{UUID(int=7)}/",
        (Image, Verb.COMMENT),
        201,
        lambda ids: {"image": ids["image"], "text": "And here."},
    ),
    patch("/api/comments/{comment}/", (Comment, Verb.COMMENT), lambda ids: {"resolved": True}),
    delete("/api/comments/{comment}/", (Comment, MANAGE), scope=Verb.COMMENT),
    get("/api/images/{image}/verdicts/", (Image, VIEW)),
    put(
        "/api/masks/{mask}/verdict/",
        (Mask, Verb.REVIEW),
        409,
        lambda ids: {"choice": "accepted", "version": 1},
    ),
    get("/api/notices/", Door.SIGNED_IN),
    get("/api/notices/unread/", Door.SIGNED_IN),
    post("/api/notices/read/", Door.SIGNED_IN, 204),
    # --- clicks and masks ---
    post(
        "/api/prompts/",
        (Image, ANNOTATE),
        201,
        lambda ids: {"id": str(uuid4()), "image": ids["image"], "clicks": []},
    ),
    get("/api/prompts/{prompt}/", (Prompt, VIEW)),
    get("/api/prompts/{prompt}/proposals/?start=0", (Prompt, VIEW)),
    get("/api/masks/", Door.LIST),
    get("/api/masks/{mask}/", (Mask, VIEW)),
    put("/api/masks/{mask}/", (Image, ANNOTATE), 200, lambda ids: _mask(ids, version=1)),
    delete("/api/masks/{mask}/?version=1", (Mask, ANNOTATE)),
    post(
        "/api/masks/batch/",
        (Image, ANNOTATE),
        200,
        # Of the writes in it each is answered by itself: tests/api/test_mask_batch.py
        lambda ids: {"image": ids["image"], "writes": [{"id": str(uuid4()), "version": 0}]},
    ),
    # --- files in and out ---
    get("/api/exports/", Door.LIST),
    post(
        "/api/exports/",
        (Dataset, Verb.EXPORT),
        201,
        lambda ids: {"dataset": ids["dataset"], "format": "coco_rle"},
    ),
    get("/api/exports/{export}/", (Export, VIEW), hidden_from=OVERSEEN),
    get("/api/exports/{export}/download/", (Export, Verb.EXPORT), 409, hidden_from=OVERSEEN),
    get("/api/exports/{viewers_export}/", (Export, VIEW), hidden_from=ANNOTATOR),
    get(
        "/api/exports/{viewers_export}/download/",
        (Export, Verb.EXPORT),
        409,
        hidden_from=ANNOTATOR,
    ),
    get("/api/imports/", Door.LIST),
    post(
        "/api/imports/",
        (Dataset, Verb.IMPORT),
        400,
        lambda ids: {"dataset": ids["dataset"], "format": "coco", "file": png_file()},
        format="multipart",
    ),
    get("/api/imports/{import}/", (ImportJob, VIEW), hidden_from=OVERSEEN),
    get("/api/imports/{viewers_import}/", (ImportJob, VIEW), hidden_from=ANNOTATOR),
    # Who started it, and managers: a reviewer may, but not with somebody else's.
    delete("/api/exports/{export}/", (Dataset, MANAGE), scope=Verb.EXPORT, hidden_from=OVERSEEN),
    delete("/api/imports/{import}/", (Dataset, MANAGE), scope=Verb.IMPORT, hidden_from=OVERSEEN),
    # --- the site ---
    get("/api/checkpoints/", Door.SIGNED_IN),
    get("/api/checkpoints/{checkpoint}/", Door.SIGNED_IN),
    get("/api/checkpoints/{checkpoint}/decoder/", Door.SIGNED_IN, 404),
    post(
        "/api/checkpoints/", Door.STAFF, 400, lambda ids: {"file": png_file()}, format="multipart"
    ),
    delete("/api/checkpoints/{checkpoint}/", Door.STAFF, 409),
    get("/api/checkpoints/{checkpoint}/file/", Door.STAFF, 404),
    post("/api/checkpoints/{checkpoint}/activate/", Door.STAFF, 409),
    post("/api/checkpoints/roll-back/", Door.STAFF, 409),
    get("/api/training-runs/", Door.STAFF),
    post("/api/training-runs/", Door.STAFF, 409, lambda ids: {"dataset": ids["dataset"]}),
    get("/api/training-runs/{run}/", Door.STAFF),
    get("/api/training-runs/{run}/snapshot/", Door.STAFF, 404),
    post("/api/training-runs/{run}/resume/", Door.STAFF, 409),
    post("/api/training-runs/{run}/move/", Door.STAFF, 409, lambda ids: {"up": True}),
    get("/api/training-runs/{run}/events/", Door.STAFF),
    delete("/api/training-runs/{run}/", Door.STAFF),
    get("/api/conversions/", Door.STAFF),
    get("/api/conversions/{conversion}/", Door.STAFF),
    post(
        "/api/conversions/", Door.STAFF, 400, lambda ids: {"file": png_file()}, format="multipart"
    ),
    get("/api/judgements/", Door.STAFF),
    get("/api/judgements/{judgement}/", Door.STAFF),
    post(
        "/api/judgements/",
        Door.STAFF,
        409,
        lambda ids: {
            "candidate": ids["checkpoint"],
            "rival": ids["checkpoint"],
            "dataset": ids["dataset"],
        },
    ),
    get("/api/datasets/{dataset}/training-policy/", Door.STAFF),
    patch("/api/datasets/{dataset}/training-policy/", Door.STAFF, lambda ids: {"version": 0}),
]

PAGES = [
    get("/accounts/", Door.SIGNED_IN),
    form("/accounts/tokens/", Door.SIGNED_IN, success=200),
    form("/accounts/tokens/{token}/revoke/", Door.ONES_OWN),
    form("/accounts/sessions/{session}/end/", Door.ONES_OWN),
    form("/accounts/sessions/end/", Door.SIGNED_IN),
    get("/accounts/log/", Door.SIGNED_IN),
    get("/accounts/log.csv", Door.SIGNED_IN),
    get("/security/", Door.STAFF),
    get("/security.csv", Door.STAFF),
    form("/language/", Door.ANYONE, lambda ids: {"language": "de"}),
    get("/words/en/1.js", Door.ANYONE),
    get("/workers/", Door.SIGNED_IN),
    get("/", Door.SIGNED_IN),
    form("/", Door.SIGNED_IN, lambda ids: {"name": "New"}),
    get("/datasets/{dataset}/", (Dataset, VIEW)),
    get("/datasets/{dataset}/images/", (Dataset, VIEW)),
    get("/datasets/{dataset}/progress/", (Dataset, VIEW)),
    get("/datasets/{dataset}/progress/people.csv", (Dataset, VIEW)),
    get("/datasets/{dataset}/progress/image-list.csv", (Dataset, VIEW)),
    form("/datasets/{dataset}/next/", (Dataset, ANNOTATE)),
    form("/datasets/{dataset}/assign/", (Dataset, MANAGE)),
    form("/datasets/{dataset}/views/", (Dataset, VIEW), lambda ids: {"name": "a", "query": ""}),
    form("/datasets/{dataset}/views/1/delete/", (Dataset, VIEW)),
    form("/batches/{batch}/", (Batch, MANAGE), lambda ids: {"name": "1", "version": 1}),
    form("/batches/{batch}/delete/", (Batch, MANAGE)),
    get("/notices/", Door.SIGNED_IN),
    get("/notices/bell/", Door.SIGNED_IN),
    get("/notices/1/", Door.SIGNED_IN, 302),
    form("/notices/read/", Door.SIGNED_IN),
    form("/notices/email/", Door.SIGNED_IN),
    get("/datasets/{dataset}/agreement/", (Dataset, Verb.OVERSEE)),
    form(
        "/datasets/{dataset}/replicas/",
        (Dataset, MANAGE),
        lambda ids: {"images": 1, "times": 1, "people": []},
    ),
    get("/images/{image}/agreement/", (Image, Verb.OVERSEE)),
    form("/images/{image}/consensus/", (Image, MANAGE), lambda ids: {"method": "pixel"}),
    form("/images/{image}/honeypot/", (Image, MANAGE)),
    form("/images/{image}/replicas/", (Image, MANAGE), lambda ids: {"people": []}),
    form("/images/{image}/take-back/", (Image, MANAGE)),
    form("/consensus/{consensus}/undo/", (Consensus, MANAGE)),
    form("/datasets/{dataset}/edit/", (Dataset, MANAGE), lambda ids: {"name": "New", "version": 1}),
    form("/datasets/{dataset}/delete/", (Dataset, OWN)),
    get("/trash/", Door.SIGNED_IN),
    get("/datasets/{dataset}/trash/", (Dataset, VIEW)),
    get("/datasets/{dataset}/changed/", (Dataset, MANAGE)),
    form("/datasets/{trashed_dataset}/restore/", (Dataset, OWN)),
    form("/images/{trashed_image}/restore/", (Image, Verb.DELETE_IMAGE)),
    form("/classes/{trashed_class}/restore/", (LabelClass, MANAGE)),
    get("/datasets/{dataset}/members/", (Dataset, VIEW)),
    form(
        "/datasets/{dataset}/members/add/",
        (Dataset, MANAGE),
        lambda ids: {"username": "newcomer", "role": "viewer"},
    ),
    form(
        "/datasets/{dataset}/classes/",
        (Dataset, MANAGE),
        lambda ids: {"name": "Debris", "color": "#000000"},
    ),
    get("/datasets/{dataset}/annotate/{image}/", (Image, VIEW)),
    form("/members/{member}/", (Membership, MANAGE), lambda ids: {"role": "viewer", "version": 1}),
    form("/members/{member}/remove/", (Membership, MANAGE)),
    form(
        "/datasets/{dataset}/groups/",
        (Dataset, MANAGE),
        lambda ids: {"group": ids["group"], "role": "viewer"},
    ),
    form("/group-accesses/{access}/", (GroupAccess, MANAGE), lambda ids: {"role": "viewer"}),
    form("/group-accesses/{access}/remove/", (GroupAccess, MANAGE)),
    form("/datasets/{dataset}/invitations/", (Dataset, MANAGE), success=200),
    form("/invitations/{invitation}/withdraw/", (Invitation, MANAGE)),
    get("/join/nothing/", Door.ANYONE, 404),
    form("/join/nothing/", Door.ANYONE, success=404),
    get("/groups/", Door.STAFF),
    form("/groups/", Door.STAFF, lambda ids: {"name": "New"}),
    form("/groups/{group}/people/", Door.STAFF, lambda ids: {"username": "newcomer"}),
    form("/groups/{group}/people/{grouped}/", Door.STAFF),
    form("/groups/{group}/delete/", Door.STAFF),
    form(
        "/classes/{label_class}/",
        (LabelClass, MANAGE),
        lambda ids: {"name": "A", "color": "#000000", "version": 1},
    ),
    form("/classes/{label_class}/delete/", (LabelClass, MANAGE)),
    form("/images/{image}/delete/", (Image, Verb.DELETE_IMAGE)),
    get("/datasets/{dataset}/held-out/", (Dataset, MANAGE)),
    form("/datasets/{dataset}/held-out/", (Dataset, MANAGE)),
    form("/datasets/{dataset}/held-out/pattern/", (Dataset, MANAGE)),
    get("/models/", Door.STAFF),
    form("/models/checkpoints/", Door.STAFF),
    get("/models/checkpoints/{checkpoint}/", Door.STAFF),
    form("/models/checkpoints/{checkpoint}/activate/", Door.STAFF),
    form("/models/checkpoints/{checkpoint}/delete/", Door.STAFF),
    get("/models/conversions/{conversion}/", Door.STAFF),
    form("/models/roll-back/", Door.STAFF),
    form("/models/runs/", Door.STAFF, lambda ids: {"dataset": ids["dataset"], "minutes": 1}),
    get("/models/comparisons/", Door.STAFF),
    form("/models/comparisons/new/", Door.STAFF),
    get("/models/comparisons/{judgement}/", Door.STAFF),
    get(f"/models/evaluations/{{evaluation}}/{SHA}/", Door.STAFF, 404),
    get("/models/datasets/{dataset}/", Door.STAFF),
    form("/models/datasets/{dataset}/", Door.STAFF, success=200),
    get("/models/runs/{run}/", Door.STAFF),
    get("/models/runs/{run}/watch/", Door.STAFF),
    get("/models/runs/{run}/progress/", Door.STAFF),
    get("/models/runs/{run}/previews/0/", Door.STAFF, 404),
    form("/models/runs/{run}/resume/", Door.STAFF),
    form("/models/runs/{run}/move/", Door.STAFF),
    form("/models/runs/{run}/cancel/", Door.STAFF),
]

ENDPOINTS: list[Endpoint] = [*API, *PAGES]
