"""The image and the locks it is made from."""

import re
from pathlib import Path

import pytest

from cli.dev_stack.processes import ROOT

LOCKS = ("requirements.lock", "requirements-test.lock")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
STAGES = DOCKERFILE.split("\nFROM ")[1:]


def test_the_image_holds_every_package():
    packages = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
    left_out = [name for name in packages if f"COPY {name} {name}\n" not in STAGES[0]]
    assert set(left_out) <= {"tests", "benchmarks", "tools"}


def test_the_image_is_made_from_the_lock_on_one_pinned_base():
    assert "--require-hashes --requirement requirements.lock" in STAGES[0]
    assert re.search(r"^ARG PYTHON_IMAGE=python:3\.\d+\.\d+-slim-\w+$", DOCKERFILE, re.MULTILINE)
    assert all(stage.startswith("${PYTHON_IMAGE}") for stage in STAGES)


def test_what_runs_is_nobody_special_and_without_the_tools_of_the_build():
    assert re.search(r"^USER 10001:10001$", STAGES[-1], re.MULTILINE)
    assert "pip" not in STAGES[-1]
    assert "COPY --from=build /opt/trunkline /opt/trunkline" in STAGES[-1]


def test_what_is_secret_or_not_needed_is_not_sent_to_the_build():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".env", ".git", ".trunkline", "deploy", "tests"} <= set(ignored)
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_and_hashes_everything_and_names_no_place(name: str):
    lines = (ROOT / name).read_text().splitlines()
    requirements = [line for line in lines if line and not line.startswith(" ")]

    assert all(re.match(r"[a-z0-9._\[\],-]+==[\w.!]+( ;.*)? \\$", line) for line in requirements)
    assert sum("--hash=sha256:" in line for line in lines) == len(lines) - len(requirements)


def test_the_test_lock_is_a_superset_of_the_runtime_lock():
    runtime, testing = (pins(ROOT / name) for name in LOCKS)

    assert runtime < testing
    assert {"hatchling", "editables"} <= {pin.split("==")[0] for pin in runtime}


def pins(lock: Path) -> set[str]:
    return set(re.findall(r"^[^\s#]+==[^\s]+", lock.read_text(), re.MULTILINE))
