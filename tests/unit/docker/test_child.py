import asyncio
import os
import signal
import sys
from pathlib import Path

import child
import psutil
import pytest
from child import Child, ChildFailed
from supervise import cancel


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "STOP_SIGNALS", ((signal.SIGTERM, 0.3), (signal.SIGQUIT, 0.3)))


def python(code: str) -> list[str]:
    return [sys.executable, "-u", "-c", code]


async def end_of(pid: int) -> None:
    async with asyncio.timeout(5):
        # A zombie is dead, though its parent has not looked yet.
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.02)


async def line_of(file: Path) -> str:
    while not (file.exists() and file.read_text().endswith("\n")):
        await asyncio.sleep(0.02)
    return file.read_text().splitlines()[-1]


async def test_a_process_that_keeps_dying_is_given_up_with_its_last_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child, "DEATHS", 2)
    doomed = Child("web", python("print('no such table'); exit(3)"), dict(os.environ))
    with pytest.raises(ChildFailed, match=r"(?s)web keeps ending \(exit code 3\).*no such table"):
        await doomed.keep_running()


async def test_a_killed_process_is_started_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pids = tmp_path / "pids"
    code = f"import os, time; print(os.getpid(), file=open({str(pids)!r}, 'a')); time.sleep(60)"
    worker = Child("interactive", python(code), dict(os.environ))
    running = asyncio.create_task(worker.keep_running())
    first = int(await line_of(pids))
    os.kill(first, signal.SIGKILL)
    while int(await line_of(pids)) == first:
        await asyncio.sleep(0.02)
    await cancel(running)
    assert "interactive ended (signal SIGKILL); starting it again" in capsys.readouterr().out


async def test_what_a_process_started_ends_with_it(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = f"sleep 60 & echo $! > {pids}; trap '' TERM; wait"
    stubborn = Child("web", ["sh", "-c", code], dict(os.environ))
    running = asyncio.create_task(stubborn.keep_running())
    grandchild = int(await line_of(pids))
    await cancel(running)
    await end_of(grandchild)


async def test_a_process_whose_children_live_on_is_started_again(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    worker = Child("batch", ["sh", "-c", f"sleep 60 & echo $! >> {pids}; wait"], dict(os.environ))
    running = asyncio.create_task(worker.keep_running())
    grandchild = int(await line_of(pids))
    os.kill(psutil.Process(grandchild).ppid(), signal.SIGKILL)
    await end_of(grandchild)
    while int(await line_of(pids)) == grandchild:
        await asyncio.sleep(0.02)
    await cancel(running)


async def test_a_process_that_ignores_every_request_is_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = f"trap '' TERM QUIT; echo $$ > {pids}; while :; do sleep 0.1; done"
    deaf = Child("web", ["sh", "-c", code], dict(os.environ))
    running = asyncio.create_task(deaf.keep_running())
    pid = int(await line_of(pids))
    await cancel(running)
    await end_of(pid)


async def test_every_line_bears_the_name_of_its_process(
    capsys: pytest.CaptureFixture[str],
) -> None:
    await Child("beat", python("print('one\\ntwo', end='')"), dict(os.environ)).run()
    assert capsys.readouterr().out == "beat        | one\nbeat        | two\n"
