"""Docker cannot run in the tests: they check what can be read."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.dev_stack.processes import PREFIX, ROOT
from cli.main import COMMANDS
from settings import Settings

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields}
LOCKS = ("requirements.lock", "requirements-test.lock")


def test_every_setting_named_in_the_compose_file_exists():
    named = set(re.findall(rf"{PREFIX}\w+", (ROOT / "docker-compose.yml").read_text()))

    assert named
    assert named <= SETTINGS


@pytest.mark.parametrize("name", ["migrate", "attributes", "worker", "api", "carrier"])
def test_each_part_runs_a_command_of_trunkline(name: str):
    assert SERVICES[name]["command"][0] in {command.name for command in COMMANDS}


@pytest.mark.parametrize("name", ["postgres", "temporal", "api", "carrier"])
def test_whoever_is_waited_for_has_a_health_check(name: str):
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


def test_a_service_waits_only_for_services_that_exist():
    for service in SERVICES.values():
        assert service.get("depends_on", {}).keys() <= SERVICES.keys()


def test_nothing_is_published_beyond_this_machine():
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_image_holds_every_package_and_runs_as_nobody_special():
    dockerfile = (ROOT / "Dockerfile").read_text()
    packages = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))

    left_out = [name for name in packages if f"COPY {name} {name}\n" not in dockerfile]

    assert set(left_out) <= {"tests", "benchmarks", "tools"}
    assert "--require-hashes" in dockerfile
    assert "\nUSER trunkline\n" in dockerfile


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
