"""Every check and test, quickest first; stops at the first that fails and says which.

python docker/checks.py [--quick]
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"

# Who may do what does not depend on the database, and takes as long to ask as all the rest.
ON_POSTGRES = "tests/api --ignore tests/api/test_roles.py"
# These share nothing but the processors; what starts servers, workers and browsers runs alone.
SIDE_BY_SIDE = "pytest -n auto --maxprocesses 4"

QUICK: list[tuple[str, str, Path]] = [
    ("lint", "ruff check", ROOT),
    ("format", "ruff format --check", ROOT),
    ("import rules", "lint-imports --no-cache", ROOT),
    ("types", "mypy", ROOT),
]
THOROUGH: list[tuple[str, str, Path]] = [
    ("migrations", "python manage.py makemigrations --check --dry-run", ROOT),
    ("JavaScript types", "npm run check --silent", FRONTEND),
    ("JavaScript tests", "npm test --silent", FRONTEND),
    (
        "API on PostgreSQL",
        f"python -W ignore tests/with_postgres.py {SIDE_BY_SIDE} {ON_POSTGRES}",
        ROOT,
    ),
    ("API on SQLite, units, network", f"{SIDE_BY_SIDE} tests/unit tests/api tests/ml/sppnet", ROOT),
    ("workers and browser", "pytest tests/ml/app tests/ml/simulation tests/e2e", ROOT),
]


def main() -> None:
    """Run the stages; exit with the first failing one's code."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "sppnet_app.settings.test"}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    stages = QUICK if "--quick" in sys.argv else QUICK + THOROUGH
    report = []
    for number, (title, command, folder) in enumerate(stages, start=1):
        print(f"\n━━ {number}/{len(stages)} {title}: {command}", flush=True)
        began = time.monotonic()
        code = subprocess.run(command.split(), cwd=folder, env=environment).returncode
        report.append(f"{'failed' if code else 'ok':<7}{time.monotonic() - began:6.1f} s  {title}")
        if code:
            break
    print("\n━━ summary", *report, sep="\n", flush=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
