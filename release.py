"""Which version of Trunkline this is."""

import tomllib
from importlib.metadata import version as installed_version
from pathlib import Path

_PROJECT = Path(__file__).parent / "pyproject.toml"


def version() -> str:
    """Of the source tree this runs from, else of the installed package."""
    if _PROJECT.is_file():
        return str(tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"])
    return installed_version("trunkline")
