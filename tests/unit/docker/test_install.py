import socket
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import install
import pytest
from install import SetupError

Version = namedtuple("Version", "major minor micro")


def test_an_old_python_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install.sys, "version_info", Version(3, 9, 2))
    with pytest.raises(SetupError, match=r"^Python 3\.9 is too old: 3\.11 or newer"):
        install.check_python()


def test_a_taken_port_is_named_with_the_way_to_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=rf"^Port {port} on .*make run PORT={port + 1}$"):
            install.check_port("127.0.0.1", str(port))


@pytest.mark.parametrize("port", ["", "0", "http", "65536", "-1"])
def test_a_port_is_a_number(port: str) -> None:
    with pytest.raises(SetupError, match=r"^PORT must be a number from 1 to 65535"):
        install.check_port("127.0.0.1", port)


def test_a_full_disk_is_noticed_before_anything_is_downloaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Usage = namedtuple("Usage", "total used free")
    monkeypatch.setattr(install.shutil, "disk_usage", lambda _: Usage(2e10, 1.5e10, 5e9))
    with pytest.raises(SetupError, match=r"^The disk is too small: 5 GB are free in .* 12 GB"):
        install.create_venv()


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("NewConnectionError('... [Errno -2] Name or service not known')", "no network"),
        ("error: [Errno 2] No such file or directory: 'gcc'", "no C compiler"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "not the file that was locked"),
        ("something new", "see its messages above"),
    ],
)
def test_the_reason_why_pip_failed_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, advice: str
) -> None:
    monkeypatch.setattr(install, "ROOT", tmp_path)
    log = tmp_path / "pip.log"
    log.write_text(f"2026-11-01T10:00:00,000 {said}\n")
    told = install.pip_trouble(log)
    assert advice in told
    assert "\n" not in told


def test_a_digest_follows_names_and_contents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "ROOT", tmp_path)
    one, two = tmp_path / "one.js", tmp_path / "two.js"
    one.write_text("1")
    two.write_text("2")
    before = install.digest([one, two])
    assert install.digest([two, one]) == before
    one.write_text("2")
    two.write_text("1")
    assert install.digest([one, two]) != before


def test_a_machine_without_node_gets_the_one_that_pip_brought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib").symlink_to(Path(sys.prefix) / "lib")
    monkeypatch.setattr(install, "VENV", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    install.provide_node()
    assert install.node_version() >= install.OLDEST_NODE
    npm = subprocess.run([tmp_path / "bin" / "node", tmp_path / "bin" / "npm", "--version"])
    assert npm.returncode == 0
