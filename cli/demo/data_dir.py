"""Where a demo keeps its data: until the next demo, or for good."""

import os
import shutil
import tempfile
from pathlib import Path

from cli.dev_stack.data_dir import DataDir
from cli.errors import Unusable

PREFIX = "trunkline-demo-"


def lasting() -> Path:
    """A new directory that nobody removes."""
    return Path(tempfile.mkdtemp(prefix=PREFIX))


def of_last_demo() -> Path:
    """This user's directory for demos, emptied; another one while that is in use."""
    path = Path(tempfile.gettempdir()) / f"{PREFIX}{os.getuid()}"
    try:
        _empty(path)
    except (Unusable, OSError):
        return lasting()
    return path


def _empty(path: Path) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid != os.getuid():
        raise Unusable(f"{path} is somebody else's.")
    held = DataDir.open(path)
    try:
        for item in path.iterdir():
            if item.is_dir() and not item.is_symlink():
                shutil.rmtree(item)
            elif item.name != "lock":
                item.unlink()
    finally:
        held.close()
