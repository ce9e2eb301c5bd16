"""python -m tools.client"""

import subprocess
import sys
from pathlib import Path

from api.app import create_app
from settings import Settings
from tools.client import models, operations
from tools.client.document import read

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "trunkline_client"


def sources() -> dict[Path, str]:
    """Every file that is made, with its text."""
    document = read(create_app(Settings()).openapi())
    made = {
        "models": models.files(document),
        "operations": operations.files(document, waits=True),
        "async_operations": operations.files(document, waits=False),
    }
    return {
        (path := CLIENT / room / f"{name}.py"): _formatted(text, path)
        for room, files in made.items()
        for name, text in files.items()
    }


def _formatted(text: str, path: Path) -> str:
    sorted_imports = _ruff(text, path, "check", "--fix", "--quiet", "--select", "I,F401")
    return _ruff(sorted_imports, path, "format", "--quiet")


def _ruff(text: str, path: Path, *words: str) -> str:
    # The path says which imports are our own.
    command = [sys.executable, "-m", "ruff", *words, "--stdin-filename", str(path), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout


if __name__ == "__main__":
    for path, text in sources().items():
        path.write_text(text, encoding="utf-8")
