import ast
import sys
from pathlib import Path

import pytest

import policy

FOLDER = Path(policy.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))
ALLOWED = {
    *sys.stdlib_module_names,
    "policy",
    "phonenumbers",
    "holidays",
    "pydantic",
    "pydantic_core",
}
ASKS_FOR_THE_TIME = {"now", "utcnow", "today", "time_ns", "monotonic", "perf_counter"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_policy_module_imports_nothing_impure_and_never_asks_for_the_time(module):
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            assert {name.name.split(".")[0] for name in node.names} <= ALLOWED
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] in ALLOWED
        if isinstance(node, ast.Attribute):
            assert node.attr not in ASKS_FOR_THE_TIME


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_policy_module_stays_short(module):
    source = module.read_text()
    assert len(source.splitlines()) < 300
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, node.name
