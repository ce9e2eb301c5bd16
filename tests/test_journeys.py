"""The ways through the code, as docs/journeys.md walks them, are the ways the code goes."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "journeys.md"
WAYS = (
    "A call, from submission to answer",
    "A callback of the carrier",
    "A campaign, from draft to end",
)
_STEP = re.compile(r"(\d+)\. `([\w/]+\.py)` `([\w.]+)`: \S.*[.?!…]")


@dataclass(frozen=True)
class Step:
    """A line of a way: the function that is called, and where it is written."""

    number: int
    file: str
    function: str

    @property
    def name(self) -> str:
        """By which it is called: an object that is called itself, by its class."""
        owner, _, name = self.function.rpartition(".")
        return owner if name == "__call__" else name


def way(heading: str) -> str:
    """The text of one way."""
    found = re.search(rf"^### {heading}\n(.*?)(?=^##|\Z)", PAGE.read_text(), re.DOTALL | re.M)
    assert found is not None, f"no way is called {heading}"
    return found[1]


def lists(text: str) -> Iterator[list[Step]]:
    """The numbered lists of a text, each of which begins with something from outside."""
    blocks = groupby(text.splitlines(), key=lambda line: bool(re.match(r"\d+\. ", line)))
    for is_list, lines in blocks:
        if is_list:
            yield [step_of(line) for line in lines]


def step_of(line: str) -> Step:
    found = _STEP.fullmatch(line)
    assert found is not None, f"this is no `file` `function`: what it is for. {line}"
    return Step(int(found[1]), found[2], found[3])


def all_steps() -> list[Step]:
    return [step for heading in WAYS for steps in lists(way(heading)) for step in steps]


@cache
def tree(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text())


def defined(file: str) -> set[str]:
    """Functions by their names, methods as `Class.method`."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    names = {node.name for node in tree(file).body if isinstance(node, functions)}
    for node in tree(file).body:
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{one.name}" for one in node.body if isinstance(one, functions)}
    return names


@cache
def called(file: str) -> frozenset[str]:
    """Every name that a file uses, by itself or of something: `order`, `dwrr.order`."""
    nodes = list(ast.walk(tree(file)))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return frozenset(names | {node.attr for node in nodes if isinstance(node, ast.Attribute)})


@pytest.mark.parametrize("step", all_steps(), ids=lambda step: f"{step.file}-{step.function}")
def test_every_step_is_a_function_of_its_file(step: Step) -> None:
    assert (ROOT / step.file).is_file(), f"{step.file} is not there any more"
    assert step.function in defined(step.file), f"{step.file} has no {step.function}"


@pytest.mark.parametrize("heading", WAYS)
def test_every_step_is_called_by_one_before_it(heading: str) -> None:
    for steps in lists(way(heading)):
        for n, step in enumerate(steps[1:], start=1):
            assert any(step.name in called(one.file) for one in steps[:n]), (
                f"nothing before it in its list calls {step.function} of {step.file}"
            )


@pytest.mark.parametrize("heading", WAYS)
def test_every_list_counts_its_steps(heading: str) -> None:
    found: Sequence[list[Step]] = list(lists(way(heading)))
    assert sum(map(len, found)) > 20
    for steps in found:
        assert [step.number for step in steps] == list(range(1, len(steps) + 1))


def test_every_way_goes_through_the_floors() -> None:
    for heading in WAYS:
        floors = {step.file.split("/")[0] for steps in lists(way(heading)) for step in steps}
        assert {"api", "contracts", "workflows", "activities", "storage", "policy"} <= floors
