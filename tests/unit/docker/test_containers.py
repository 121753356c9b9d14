"""No container engine is needed: what can be known of the images is read from their files."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import lock_subset
import procfile
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
DOCKER = ROOT / "docker"
BIN = Path(sys.executable).parent
STARTED_BY_US = ("web", "worker-interactive", "worker-batch", "worker-train", "beat")


@pytest.fixture(scope="module")
def services() -> dict[str, dict]:
    return yaml.safe_load((DOCKER / "compose.yml").read_text())["services"]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def test_dockerfile_passes_hadolint() -> None:
    answer = run(str(BIN / "hadolint"), "docker/Dockerfile")
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("file", ["compose.yml", "compose.gpu.yml"])
def test_compose_files_follow_the_compose_specification(file: str) -> None:
    checker = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]
    answer = run(*checker, f"docker/{file}")
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("service", STARTED_BY_US)
def test_containers_run_the_commands_that_make_run_runs(services: dict, service: str) -> None:
    commands = procfile.commands(host="0.0.0.0", port=8000)
    assert shlex.split(services[service]["command"]) == commands[service.removeprefix("worker-")]


def test_on_a_gpu_containers_answer_clicks_in_threads_as_make_run_does() -> None:
    command = yaml.safe_load((DOCKER / "compose.gpu.yml").read_text())["services"][
        "worker-interactive"
    ]["command"]
    on_a_gpu = procfile.commands(host="0.0.0.0", port=8000, gpu=True)
    assert shlex.split(command) == on_a_gpu.pop("interactive")
    assert on_a_gpu.items() <= procfile.commands(host="0.0.0.0", port=8000).items()


def test_images_start_the_same_commands_by_default() -> None:
    commands = procfile.commands(host="0.0.0.0", port=8000)
    defaults = re.findall(r"^CMD (\[.*\])$", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)
    assert [yaml.safe_load(default) for default in defaults] == [
        commands["web"],
        commands["interactive"],
    ]


def test_worker_image_sets_the_worker_environment() -> None:
    dockerfile = (DOCKER / "Dockerfile").read_text()
    for name, value in procfile.WORKER_ENVIRONMENT.items():
        assert f"{name}={value}" in dockerfile


def test_every_process_of_the_procfile_has_a_container(services: dict) -> None:
    names = {name.removeprefix("worker-") for name in services}
    assert set(procfile.commands(host="", port=0)) <= names


def test_every_container_is_watched_or_says_that_it_is_not(services: dict) -> None:
    watched_by_image = {name for name in services if name in STARTED_BY_US}
    for name, service in services.items():
        assert "healthcheck" in service or name in watched_by_image, name


def test_no_container_runs_as_root(services: dict) -> None:
    for name, service in services.items():
        assert "build" in service or service["user"] != "root", name
    stages = re.split(r"^FROM ", (DOCKER / "Dockerfile").read_text(), flags=re.MULTILINE)
    final = [stage for stage in stages if re.match(r"base AS (web|worker)\n", stage)]
    assert len(final) == 2
    assert all(re.search(r"^USER [1-9]\d*:[1-9]\d*$", stage, re.MULTILINE) for stage in final)


def test_every_foreign_image_has_a_version(services: dict) -> None:
    foreign = [s["image"] for s in services.values() if "build" not in s]
    foreign += re.findall(r"^FROM (\S+:\S+)", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)
    assert len(foreign) == 5
    for image in foreign:
        assert re.search(r":\d+\.\d+", image), image


def test_secrets_have_no_defaults() -> None:
    text = (DOCKER / "compose.yml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "ALLOWED_HOSTS"):
        uses = re.findall(rf"\$\{{{name}[^}}]*\}}", text)
        assert uses
        assert all(f"{name}:?set {name} in docker/.env" in use for use in uses)


def test_the_graphics_card_goes_to_every_worker(services: dict) -> None:
    gpu = yaml.safe_load((DOCKER / "compose.gpu.yml").read_text())["services"]
    assert set(gpu) == {name for name in services if name.startswith("worker-")}


def test_the_web_image_has_no_torch_and_the_worker_image_has() -> None:
    lock = (ROOT / "requirements.txt").read_text()
    packages = {
        image: set(re.findall(r"^([\w.-]+)==", lock_subset.subset(lock, image), re.MULTILINE))
        for image in ("web", "worker")
    }
    assert {"django", "uvicorn", "pillow"} <= packages["web"] <= packages["worker"]
    assert "torch" in packages["worker"] - packages["web"]
    assert not [name for name in packages["web"] if name.startswith(("nvidia-", "torch", "cuda-"))]


def test_the_app_learns_who_is_asking_from_nginx_alone(services: dict) -> None:
    assert services["web"]["environment"]["FORWARDED_ALLOW_IPS"] == "*"
    assert "ports" not in services["web"]
    text = (DOCKER / "nginx.conf").read_text()
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert "set_real_ip_from ${TRUSTED_PROXY};" in text
    environment = services["nginx"]["environment"]
    filled = re.findall(r"\$\{(\w+)\}", text)
    assert all(re.fullmatch(environment["NGINX_ENVSUBST_FILTER"], name) for name in filled)
    assert set(filled) <= set(environment)


def test_nginx_lets_events_through_at_once_and_limits_uploads() -> None:
    text = (DOCKER / "nginx.conf").read_text()
    assert text.count("{") == text.count("}")
    events = re.search(r"location ~ \S*/events/\$ \{(.*?)\}", text, re.DOTALL)
    assert events
    assert "proxy_buffering off;" in events[1]
    assert "client_max_body_size ${MAX_UPLOAD_MB}m;" in text
    assert "add_header" not in text  # security headers come from the app alone
