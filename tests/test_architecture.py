"""The house rules that a machine can hold."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.policy.test_purity import ASKS_FOR_THE_TIME

ROOT = Path(__file__).parent.parent
WORKFLOW_MODULES = [
    "workflows.alarm",
    "workflows.call",
    "workflows.campaign",
    "workflows.options",
    "workflows.visibility",
    "workflows.warm_transfers",
]
#: A workflow that pulled one of these in would carry it into every replay.
FORBIDDEN = ["sqlmodel", "sqlalchemy", "twilio", "fastapi", "phonenumbers"]
#: What workflows take of Python besides; asyncio's loop and clock are the workflow's own there.
REPLAYABLE = {
    "asyncio",
    *(
        "collections.abc.Awaitable",
        "collections.abc.Callable",
        "collections.abc.Sequence",
        "typing.TypeVar",
    ),
    *("dataclasses.dataclass", "datetime.datetime", "datetime.timedelta"),
}
PACKAGES = [
    *("policy", "contracts", "telephony", "webhooks", "storage", "activities", "workflows"),
    *("api", "dashboard", "cli", "trunkline_client", "observability"),
]
#: What stands beside the floors, in rooms of its own.
BESIDE = ["simulator", "benchmarks"]
MAX_LINES = 400
#: So many files a room, by its floor.
#: What is generated has a file for each place of the API.
MAX_FILES = {
    "activities": 16,
    "trunkline_client/models": 22,
    **dict.fromkeys(("trunkline_client/operations", "trunkline_client/async_operations"), 19),
}
USUALLY_AT_MOST = 15
#: Nouns of the field that only look like a verb.
NOUNS = {"drawing", "pricing"}


def modules_loaded_by(*imports: str) -> set[str]:
    """What a fresh interpreter has loaded after these imports."""
    code = f"import {', '.join(imports)}; import sys; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_every_workflow_module_is_looked_at() -> None:
    found = {f"workflows.{path.stem}" for path in (ROOT / "workflows").glob("[!_]*.py")}
    assert found == set(WORKFLOW_MODULES)


def test_workflow_modules_pull_in_no_database_carrier_or_web_library() -> None:
    assert not modules_loaded_by(*WORKFLOW_MODULES) & set(FORBIDDEN)


@pytest.mark.parametrize("module", WORKFLOW_MODULES)
def test_workflow_modules_import_nothing_that_a_replay_could_find_changed(module: str) -> None:
    """No clock, no chance, no files, no network: the sandbox does not look into these modules."""
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text())
    found = {
        f"{node.module}.{name.name}" if isinstance(node, ast.ImportFrom) else name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    ours = {name for name in found if name.split(".")[0] in {"contracts", "policy", "workflows"}}
    assert {name for name in found - ours if not name.startswith("temporalio.")} <= REPLAYABLE
    read = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    clocks = {name for name in read if name.split(".")[-1] in ASKS_FOR_THE_TIME}
    assert clocks <= {"workflow.now"}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"open", "input", "eval", "exec", "compile", "__import__"}


def test_policy_pulls_in_nothing_that_has_side_effects() -> None:
    loaded = modules_loaded_by(
        "policy.calls.decide", "policy.dispatch.dwrr", "policy.calls.acceptance"
    )
    assert not loaded & {"sqlalchemy", "sqlmodel", "twilio", "temporalio", "fastapi", "httpx2"}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_grows_past_what_one_head_can_hold(package: str) -> None:
    long = {
        str(path): lines
        for path in (ROOT / package).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert long == {}


def rooms() -> dict[str, list[str]]:
    """The names of the modules of each folder of each floor and beside them, without migrations."""
    found: dict[str, list[str]] = {}
    for package in (*PACKAGES, *BESIDE):
        for path in (ROOT / package).rglob("*.py"):
            if path.stem != "__init__" and path.parent.name != "versions":
                found.setdefault(str(path.parent.relative_to(ROOT)), []).append(path.stem)
    return found


def test_no_room_holds_more_files_than_one_looks_through() -> None:
    crowded = {
        room: len(files)
        for room, files in rooms().items()
        if len(files) > MAX_FILES.get(room, USUALLY_AT_MOST)
    }
    assert crowded == {}


def test_the_wheel_holds_every_floor_and_every_root_module() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    held = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"])
    assert held >= {path.name for path in ROOT.glob("*.py")} | {*PACKAGES, "simulator"}


def test_modules_are_named_with_nouns() -> None:
    names = {(room, name) for room, files in rooms().items() for name in files}
    assert {one for one in names if one[1].endswith("ing") and one[1] not in NOUNS} == set()


def test_every_room_says_what_lives_there() -> None:
    for room in rooms():
        text = (ROOT / room / "__init__.py").read_text()
        assert ast.get_docstring(ast.parse(text)), room
