"""`make release`: what is published of a version, in dist/, with checksums.

The wheel and the source, the bill of materials, the licences, and SHA256SUMS over all of them. Two
builds of one commit are the same to the byte. Signing and the image are said in docs/deployment.md:
they need keys and an engine, which are not for a tool to look for.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from release import version
from tools.bill_of_materials import ROOT, write

SUMS = "SHA256SUMS"


class NotReleasable(Exception):
    """The tree is not what would be published."""


def build(folder: Path, root: Path = ROOT) -> list[Path]:
    """What was built, SHA256SUMS last; raises NotReleasable and CalledProcessError."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)],
        cwd=root,
        env={**os.environ, "SOURCE_DATE_EPOCH": committed_at(root)},
        check=True,
        capture_output=True,
    )
    write(folder)
    return [*sorted(folder.iterdir()), checksums(folder)]


def committed_at(root: Path) -> str:
    """Seconds since 1970; raises NotReleasable where files differ from the commit."""
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    if changed:
        raise NotReleasable(f"these files are not as committed:\n{changed}")
    return _git(root, "log", "-1", "--format=%ct")


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def checksums(folder: Path) -> Path:
    """As `sha256sum --check` reads them."""
    files = sorted(path for path in folder.iterdir() if path.name != SUMS)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    sums = folder / SUMS
    sums.write_text("".join(lines), encoding="utf-8")
    return sums


def main() -> None:
    try:
        built = build(ROOT / "dist")
    except NotReleasable as fault:
        sys.exit(f"Version {version()} is not released: {fault}")
    sys.stdout.write("".join(f"{path}\n" for path in built))


if __name__ == "__main__":
    main()
