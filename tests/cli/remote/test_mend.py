"""Rejected rows mended by command: asked for one by one at a terminal, or named."""

import io
import sys
from pathlib import Path

import pytest

from tests.cli.remote.conftest import Terminal
from trunkline_client import Trunkline

HEAD = "phone,firstName,time\n+12125550120,Ada,Monday\n"


@pytest.fixture
def draft(terminal: Terminal, tmp_path: Path) -> str:
    """A draft of one contact, whose two other rows were rejected."""
    made = terminal.id("campaigns", "create", "March")
    file = tmp_path / "march.csv"
    file.write_text(f"{HEAD}2125550121,Bo,Tuesday\n+12125550122,,Friday\n")
    assert terminal("campaigns", "upload", "March", str(file)) == 0
    assert "--country US" in terminal.out
    assert "campaigns mend March" in terminal.out
    return made


def states(api: Trunkline, campaign: str) -> list[str]:
    return [one.state for one in api.iter_contacts(campaign)]


class Keyboard(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


def typed(terminal: Terminal, *lines: str) -> None:
    terminal.monkeypatch.setattr(sys, "stdin", Keyboard("\n".join([*lines, ""])))


def test_each_row_is_asked_for_by_what_is_wrong_with_it(
    terminal: Terminal, api: Trunkline, draft: str
) -> None:
    typed(terminal, "nonsense", "+12125550121", "Cy", "firstName=Cy")
    assert terminal("campaigns", "mend", "March") == 0
    assert terminal.out.count("\nrow 3") == 2
    assert "NAME=VALUE" in terminal.out
    assert terminal.out.endswith("2 mended, 0 dropped, 0 left.\n")
    assert states(api, draft) == ["staged"] * 3


def test_a_row_is_left_or_dropped_and_one_may_stop(
    terminal: Terminal, api: Trunkline, draft: str
) -> None:
    typed(terminal, "", "q")
    assert terminal("campaigns", "mend", draft) == 0
    assert terminal.out.endswith("0 mended, 0 dropped, 2 left.\n")
    typed(terminal, "-", "-")
    assert terminal("campaigns", "mend", draft) == 0
    assert states(api, draft) == ["staged"]
    assert terminal("campaigns", "mend", draft) == 0
    assert terminal.out == "No row is rejected.\n"


def test_programs_list_and_name_them(terminal: Terminal, api: Trunkline, draft: str) -> None:
    first, second = (str(one["contactId"]) for one in terminal.json("campaigns", "mend", draft))
    words = ("campaigns", "mend", draft, "--row", first)
    assert terminal(*words, "--number", "none") == 4
    assert "row 3: " in terminal.err
    told = terminal.json(*words, "--number", "2125550121", "--country", "US", "--drop", second)
    assert (told["mended"], told["dropped"]) == ([int(first)], [int(second)])
    assert terminal(*words, "--number", "+12125550129") == 4
    assert "no rejected row" in terminal.err
    assert states(api, draft) == ["staged"] * 2


def test_all_are_dropped_at_once(terminal: Terminal, api: Trunkline, draft: str) -> None:
    assert terminal("campaigns", "mend", draft, "--drop-all") == 0
    assert terminal.out == "2 dropped.\n"
    assert states(api, draft) == ["staged"]


def test_a_correction_without_its_row_is_refused(terminal: Terminal, draft: str) -> None:
    assert terminal("campaigns", "mend", draft, "--number", "+12125550121") == 2
    assert "--row" in terminal.err
