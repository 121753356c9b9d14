"""Exit with 0 if this container's process does its work: `healthy.py web` or `healthy.py worker`.

Standard library only, so that the question costs little.
"""

import os
import socket
import subprocess
import sys
import urllib.request


def web_answers() -> bool:
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".*") or "localhost"
    url = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/accounts/login/"
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Host": host})) as page:
        return bool(page.status == 200)


def worker_answers() -> bool:
    """Ask the worker of this container, whose queue is in the environment, for a sign of life."""
    name = os.environ["WORKER"] + "@" + socket.gethostname()
    question = ["celery", "-q", "-A", "sppnet_app", "inspect", "ping", "-t", "10", "-d", name]
    return subprocess.run(question, stdout=subprocess.DEVNULL).returncode == 0


if __name__ == "__main__":
    sys.exit(not {"web": web_answers, "worker": worker_answers}[sys.argv[1]]())
