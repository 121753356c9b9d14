"""Administrators bring weights and choose which answer clicks; everyone may know which do."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from ml import confined, inspection
from ml.engine_records import folder_of
from ml.management.commands.load_starter import STARTER
from ml.models import Checkpoint, Conversion
from ml.services import register_checkpoint
from tests.factories import make_user
from tests.ml.app.disks import write_checkpoint

Clients = Callable[[str], APIClient]
LIST = "/api/checkpoints/"


@pytest.fixture
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return settings.DATA_DIR


@pytest.fixture
def admin(db: None) -> APIClient:
    client = APIClient()
    client.force_login(make_user("boss", is_staff=True))
    return client


@pytest.fixture
def disks(db: None, data_dir: Path) -> Checkpoint:
    """A checkpoint that answers clicks, as far as its file tells."""
    return register_checkpoint(path=write_checkpoint(data_dir / "disks.safetensors"), activate=True)


@pytest.fixture
def inspected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that would have been loaded in a process of their own."""
    names: list[str] = []
    monkeypatch.setattr(inspection, "_load_elsewhere", lambda path: names.append(path.name))
    return names


def upload(client: APIClient, content: bytes, name: str = "weights.safetensors") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(LIST, {"file": file}, format="multipart")


def weights(tmp_path: Path, weight: float = 1.0, **changes: str) -> bytes:
    return write_checkpoint(tmp_path / "made.safetensors", weight, **changes).read_bytes()


def files(data_dir: Path) -> list[str]:
    return [path.name for path in (data_dir / "checkpoints").rglob("*") if path.is_file()]


def test_a_checkpoint_is_loaded_stored_and_not_yet_active(
    admin: APIClient, data_dir: Path, tmp_path: Path
) -> None:
    answer = upload(admin, STARTER.read_bytes(), "../../starter.safetensors")
    assert answer.status_code == 201, answer.data
    row = Checkpoint.objects.get()
    body = answer.json()
    assert (body["kind"], body["is_active"]) == ("click", False)
    assert body["size_bytes"] == STARTER.stat().st_size
    assert (body["created_by_name"], body["parent"], body["training_run"]) == ("boss", None, None)
    assert "seed" in body["training"]
    assert body["configuration"]["kind"] == "click"
    assert row.file == f"checkpoints/{body['sha256']}.safetensors"
    assert row.path.read_bytes() == STARTER.read_bytes()
    again = upload(admin, STARTER.read_bytes(), "copy.safetensors")
    assert (again.status_code, again.json()) == (200, body)
    assert files(data_dir) == [row.path.name]


def test_the_same_weights_restore_a_lost_file(
    admin: APIClient, disks: Checkpoint, inspected: list[str]
) -> None:
    content = disks.path.read_bytes()
    disks.path.unlink()
    answer = upload(admin, content, "found.safetensors")
    assert (answer.status_code, answer.json()["id"]) == (200, disks.pk)
    assert inspected == ["found.safetensors"]
    disks.refresh_from_db()
    assert disks.path.read_bytes() == content


def test_weights_of_another_shape_are_refused(
    admin: APIClient, data_dir: Path, tmp_path: Path
) -> None:
    answer = upload(admin, weights(tmp_path), "other.safetensors")
    assert answer.status_code == 400
    body = answer.json()
    assert (body["code"], body["field"]) == ("invalid_checkpoint", "file")
    assert body["detail"].startswith("other.safetensors does not fit its own configuration")
    assert not files(data_dir)
    assert not Checkpoint.objects.exists()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda content: content[:-1], "cut short or damaged"),
        (lambda content: b"", "is empty"),
        (lambda content: b"\x80\x04\x95 a pickle", "not a safetensors file"),
        (lambda content: b"PK\x03\x04" + content, "not a safetensors file"),
    ],
)
def test_files_that_are_no_weights_are_refused(
    admin: APIClient, data_dir: Path, tmp_path: Path, spoil: Any, sentence: str
) -> None:
    answer = upload(admin, spoil(weights(tmp_path)), "model.pth")
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("model.pth ")
    assert sentence in answer.json()["detail"]
    assert not files(data_dir)
    assert not Checkpoint.objects.exists()


def test_foreign_and_oversized_weights_are_refused(
    admin: APIClient, data_dir: Path, tmp_path: Path, settings: Any
) -> None:
    foreign = upload(admin, weights(tmp_path, format="pt"))
    assert (foreign.status_code, "not of this application" in foreign.data["detail"]) == (400, True)
    settings.MAX_UPLOAD_MB = 0
    assert upload(admin, weights(tmp_path)).status_code == 413
    assert admin.post(LIST, {}, format="multipart").status_code == 400


def test_an_inspection_that_takes_too_much_is_ended(
    admin: APIClient, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined, "SECONDS", 0.01)
    answer = upload(admin, weights(tmp_path))
    assert answer.status_code == 400
    assert "within the limits" in answer.json()["detail"]
    assert not files(data_dir)


def test_a_failed_registration_leaves_no_file(
    admin: APIClient,
    data_dir: Path,
    tmp_path: Path,
    inspected: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("the database is away")

    monkeypatch.setattr("ml.services.register_checkpoint", fail)
    with pytest.raises(RuntimeError):
        upload(admin, weights(tmp_path))
    assert not files(data_dir)


def test_without_torch_shapes_are_compared_with_the_active_checkpoint(
    admin: APIClient, disks: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "find_spec", lambda name: None)
    assert upload(admin, weights(tmp_path)).status_code == 201
    other = upload(admin, weights(tmp_path, config='{"kind": "click", "tile": 224}'))
    assert (other.status_code, "another network" in other.json()["detail"]) == (400, True)
    with monkeypatch.context() as patch:
        patch.setattr("ml.inspection.shapes", lambda path: {str(path): [3]})
        misfit = upload(admin, weights(tmp_path, 2.0))
    assert (misfit.status_code, "does not fit" in misfit.json()["detail"]) == (400, True)


@pytest.mark.parametrize("newer", ["given", "active"])
def test_without_torch_a_part_that_came_later_may_be_missing(
    admin: APIClient,
    disks: Checkpoint,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    newer: str,
) -> None:
    monkeypatch.setattr(inspection, "find_spec", lambda name: None)
    old, rated = {"fuse": [3]}, {"fuse": [3], "decoder.rating.out.bias": [1]}

    def shapes_of(path: Path) -> dict[str, list[int]]:
        return rated if (path == disks.path) == (newer == "active") else old

    monkeypatch.setattr("ml.inspection.shapes", shapes_of)
    assert upload(admin, weights(tmp_path)).status_code == 201
    rated["decoder.fuse"] = [1]
    assert upload(admin, weights(tmp_path, 2.0)).status_code == 400


def test_one_checkpoint_is_made_active(
    admin: APIClient, disks: Checkpoint, data_dir: Path, tmp_path: Path
) -> None:
    other = register_checkpoint(path=write_checkpoint(data_dir / "b.safetensors", 2.0))
    answer = admin.post(f"{LIST}{other.pk}/activate/")
    assert (answer.status_code, answer.json()["is_active"]) == (200, True)
    assert [row["id"] for row in admin.get(f"{LIST}?is_active=true").json()["results"]] == [
        other.pk
    ]
    disks.path.unlink()
    lost = admin.post(f"{LIST}{disks.pk}/activate/")
    assert (lost.status_code, "upload it again" in lost.json()["detail"]) == (409, True)
    paper = write_checkpoint(data_dir / "paper.safetensors", config='{"kind": "paper"}')
    row = register_checkpoint(path=paper)
    assert admin.post(f"{LIST}{row.pk}/activate/").status_code == 409
    assert admin.post(f"{LIST}{row.pk + 1}/activate/").status_code == 404


@pytest.mark.parametrize("role", ["owner", "viewer", "stranger"])
def test_others_may_look_but_not_touch(client_of: Clients, disks: Checkpoint, role: str) -> None:
    client = client_of(role)
    [row] = client.get(LIST).json()["results"]
    assert (row["name"], row["is_active"], row["metrics"]) == ("disks", True, {"aji": 0.5})
    assert client.get(f"{LIST}{disks.pk}/").status_code == 200
    for answer in (upload(client, b"x"), client.post(f"{LIST}{disks.pk}/activate/")):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        assert "administrators" in answer.json()["detail"]


def test_nobody_learns_nothing(disks: Checkpoint) -> None:
    client = APIClient()
    assert client.get(LIST).status_code == 401
    assert client.post(f"{LIST}{disks.pk}/activate/").status_code == 401


def test_the_page_uploads_and_activates(
    disks: Checkpoint, data_dir: Path, tmp_path: Path, inspected: list[str], client: Any
) -> None:
    client.force_login(make_user("admin", is_staff=True))
    file = SimpleUploadedFile("b.safetensors", weights(tmp_path, 2.0, name='"better"'))
    page = client.post("/models/checkpoints/", {"file": file}, follow=True).content.decode()
    assert "“better” is checked and stored" in page
    assert "AJI <b>0.500</b>" in page
    better = Checkpoint.objects.get(name="better")
    page = client.post(f"/models/checkpoints/{better.pk}/activate/", follow=True).content.decode()
    assert "“better” answers clicks from now on" in page
    bad = SimpleUploadedFile("b.txt", b"a text")
    page = client.post("/models/checkpoints/", {"file": bad}, follow=True).content.decode()
    assert "b.txt is not a safetensors file" in page
    page = client.post("/models/checkpoints/", follow=True).content.decode()
    assert "Choose the file of a checkpoint" in page


def test_a_dataset_gets_a_checkpoint_of_its_own_and_goes_back(
    admin: APIClient, disks: Checkpoint, data_dir: Path, image: Any, client_of: Clients
) -> None:
    own = register_checkpoint(path=write_checkpoint(data_dir / "own.safetensors", 2.0))
    place = {"dataset": image.dataset_id, "reason": "better on glands"}
    assert admin.post(f"{LIST}{own.pk}/activate/", place).status_code == 200
    encoding = f"/api/images/{image.pk}/encoding/"
    Checkpoint.objects.update(metadata={"config": {"window": 160}})
    assert client_of("viewer").get(encoding).json()["checkpoint"] == own.pk
    refused = admin.delete(f"{LIST}{own.pk}/")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    back = admin.post(f"{LIST}roll-back/", {"dataset": image.dataset_id})
    assert (back.status_code, back.json()["id"]) == (200, disks.pk)
    assert client_of("viewer").get(encoding).json()["checkpoint"] == disks.pk
    assert admin.post(f"{LIST}roll-back/", {"dataset": image.dataset_id}).status_code == 409
    assert admin.post(f"{LIST}{own.pk}/activate/", {"dataset": 404}).status_code == 404
    assert admin.delete(f"{LIST}{own.pk}/").status_code == 204
    assert admin.get(f"{LIST}{own.pk}/").status_code == 404


def test_weights_are_taken_away_whole(admin: APIClient, disks: Checkpoint) -> None:
    answer: Any = admin.get(f"{LIST}{disks.pk}/file/")
    assert b"".join(answer.streaming_content) == disks.path.read_bytes()
    assert 'filename="disks.safetensors"' in answer["Content-Disposition"]


def test_the_page_of_a_checkpoint_tells_its_lineage(
    disks: Checkpoint, data_dir: Path, client: Any, dataset: Any
) -> None:
    client.force_login(make_user("boss", is_staff=True))
    path = write_checkpoint(data_dir / "c.safetensors", 2.0, training='{"seed": 7, "step": 90}')
    child = register_checkpoint(path=path, parent=disks, created_by_name="ada")
    page = client.get(f"/models/checkpoints/{child.pk}/").content.decode()
    assert all(word in page for word in ("uploaded by ada", "Trained from", "<dd>7</dd>"))
    body = {"dataset": dataset.pk, "reason": "better on glands"}
    page = client.post(f"/models/checkpoints/{child.pk}/activate/", body, follow=True)
    assert "better on glands" in page.content.decode()
    page = client.post("/models/roll-back/", {"dataset": dataset.pk}, follow=True)
    assert "The checkpoint of the whole site answers clicks there again" in page.content.decode()
    page = client.post(f"/models/checkpoints/{disks.pk}/delete/", follow=True).content.decode()
    assert "in use by the whole site" in page
    page = client.post(f"/models/checkpoints/{child.pk}/delete/", follow=True).content.decode()
    assert "The weights of “disks” are deleted" in page


def test_the_page_says_what_to_do_without_a_checkpoint(
    data_dir: Path, db: None, client: Any
) -> None:
    client.force_login(make_user("admin", is_staff=True))
    page = client.get("/models/").content.decode()
    assert "No checkpoint is active" in page
    assert "load_starter" in page


def test_the_page_is_for_administrators(client_of: Clients) -> None:
    owner = client_of("owner")
    assert "/models/" not in owner.get("/").content.decode()
    for answer in (owner.get("/models/"), owner.post("/models/checkpoints/1/activate/")):
        assert answer.status_code == 403
        assert "Only administrators" in answer.content.decode()
    assert APIClient().get("/models/").status_code == 302


def test_inspecting_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    import json

    from ml.sppnet.__main__ import main

    path = tmp_path / "w.safetensors"
    shutil.copy(STARTER, path)
    assert main(["inspect", str(path)]) == 0
    [line] = capsys.readouterr().out.splitlines()
    described = json.loads(line)
    assert set(described) == {"name", "kind", "sha256", "parameters"}
    assert described["kind"] == "click"
    assert described["parameters"] > 1_000_000
    assert main(["inspect", str(write_checkpoint(tmp_path / "bad.safetensors"))]) == 1
    [complaint] = capsys.readouterr().err.splitlines()
    assert complaint.startswith("error: bad.safetensors does not fit")
    impossible = '{"kind": "click", "embed_dim": -1}'
    path = write_checkpoint(tmp_path / "odd.safetensors", config=impossible)
    assert main(["inspect", str(path)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_administrators_see_which_engines_run_the_active_checkpoint(
    admin: APIClient, disks: Checkpoint
) -> None:
    assert "Torch answers." in admin.get("/models/").content.decode()
    trials = [
        {"engine": "torch", "milliseconds": 812.4, "masks": 1.0, "maps": 1.0, "refused": ""},
        {"engine": "quick", "milliseconds": 104.0, "masks": 0.997, "maps": 0.995, "refused": ""},
        {
            "engine": "odd",
            "milliseconds": None,
            "masks": 0.4,
            "refused": "masks differ from torch's",
        },
    ]
    decoders = [trial | {"maps": None} for trial in trials]
    record = {"encoder": "quick", "decoder": "torch", "encoders": trials, "decoders": decoders}
    folder = folder_of(disks.sha256)
    folder.mkdir(parents=True)
    (folder / "choice-ab.json").write_text(json.dumps(record))
    page = admin.get("/models/").content.decode()
    assert "812 ms" in page
    assert "104 ms" in page
    assert page.count("in use") == 2
    assert page.count("not used") == 2
    assert page.count("masks 0.9970") == 2
    assert page.count("maps 0.9950") == 1
    assert "masks differ from torch&#x27;s" in page


def test_foreign_weights_are_taken_for_a_worker(
    admin: APIClient, data_dir: Path, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"PK\x03\x04 as PyTorch writes it"
    file = SimpleUploadedFile("../mobile_sam.pt", content)
    answer = admin.post("/api/conversions/", {"file": file}, format="multipart")
    assert answer.status_code == 201, answer.data
    body = answer.json()
    assert (body["file_name"], body["status"], body["report"]) == ("mobile_sam.pt", "queued", {})
    assert body["normalisation"] == "mean_as_std"
    assert Conversion.objects.get().path.read_bytes() == content
    assert not Checkpoint.objects.exists()
    none = SimpleUploadedFile("a.txt", b"a text")
    refused = admin.post("/api/conversions/", {"file": none}, format="multipart")
    assert (refused.status_code, refused.json()["field"]) == (400, "file")


def test_the_page_takes_foreign_weights_and_tells_what_became_of_them(
    data_dir: Path, db: None, client: Any
) -> None:
    client.force_login(make_user("admin", is_staff=True))
    file = SimpleUploadedFile("sam_vit_b.pth", b"\x80\x02 as PyTorch wrote it")
    body = {"file": file, "normalisation": "imagenet"}
    page = client.post("/models/checkpoints/", body, follow=True).content.decode()
    assert 'hx-trigger="every 2s"' in page
    row = Conversion.objects.get()
    assert (row.normalisation, row.created_by_name) == ("imagenet", "admin")
    report = {
        "files": [
            {
                "name": "sam_vit_b.pth",
                "origin": "sam",
                "taken": [],
                "renamed": {"mask_decoder.iou_token.weight": "decoder.iou_token.weight"},
                "missing": ["decoder.fuse.weight"],
                "left_over": {"image_encoder.pos_embed": "SAM's encoder, not asked for"},
            }
        ],
        "at_random": ["encoder"],
    }
    Conversion.objects.update(status="failed", error="It holds only a part.", report=report)
    page = client.get(f"/models/conversions/{row.pk}/").content.decode()
    for words in (
        "It holds only a part.",
        "1 renamed",
        "mask_decoder.iou_token.weight → decoder.iou_token.weight",
        "decoder.fuse.weight",
        "image_encoder.pos_embed: SAM&#x27;s encoder, not asked for",
    ):
        assert words in page
    assert 'hx-trigger="every 2s"' not in page
    assert "sam_vit_b.pth" in client.get("/models/").content.decode()
