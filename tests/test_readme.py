"""The README names every room, and comments name the modules that there are."""

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
#: Floors whose folders are rooms, in the order of the columns of the README's table.
WITH_ROOMS = ("dashboard", "api", "storage", "policy")
FLOORS = (*WITH_ROOMS, "contracts", "telephony", "webhooks", "activities", "workflows", "cli")
BESIDE = ("simulator", "benchmarks", "tools", "tests", "trunkline_client")
CODE = [path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py"))]
CODE += sorted(ROOT.glob("*.py"))
_MODULE = re.compile(rf"`((?:{'|'.join(FLOORS)})(?:\.\w+)+)`")


def rooms(floor: str) -> set[str]:
    return {path.parent.name for path in (ROOT / floor).glob("*/__init__.py")}


def table() -> dict[str, list[str]]:
    """The README's rooms, and what stands under each floor."""
    lines = README.read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    header = next(n for n, cells in enumerate(rows) if cells[0] == "room")
    assert tuple(rows[header][2:]) == WITH_ROOMS
    found = {}
    for cells in rows[header + 2 :]:
        if len(cells) < len(WITH_ROOMS):
            break
        found[cells[0].strip("`")] = cells[2:]
    return found


@pytest.mark.parametrize("floor", WITH_ROOMS)
def test_the_readme_names_the_rooms_of_a_floor_and_no_others(floor: str) -> None:
    column = WITH_ROOMS.index(floor)
    assert {room for room, cells in table().items() if cells[column] == "●"} == rooms(floor)


@pytest.mark.parametrize("floor", WITH_ROOMS)
def test_what_is_a_file_and_no_room_is_named_as_one_under_its_floor(floor: str) -> None:
    column = WITH_ROOMS.index(floor)
    for room, cells in table().items():
        if cells[column] not in ("", "●"):
            assert (ROOT / cells[column].strip("`")).is_file(), room
            assert cells[column].startswith(f"`{floor}/"), room


@pytest.mark.parametrize("folder", BESIDE)
def test_what_stands_beside_the_floors_says_so(folder: str) -> None:
    assert ast.get_docstring(ast.parse((ROOT / folder / "__init__.py").read_text()))


def words_of(path: Path) -> Iterator[str]:
    """Comments and strings of a file, docstrings among them."""
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING):
                yield token.string


def is_there(name: str) -> bool:
    """Whether a dotted name is a module, or something that a module has."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:n])
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return n == len(parts) or bool(re.search(rf"\b{parts[n]}\b", file.read_text()))
    return False


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_that_a_comment_names_is_there(path: Path) -> None:
    named = {name for text in words_of(path) for name in _MODULE.findall(text)}
    assert {name for name in named if not is_there(name)} == set()
