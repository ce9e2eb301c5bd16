"""What is shown on a terminal: texts that anybody may have written are only shown."""

import io
from types import SimpleNamespace
from typing import cast

import pytest
from rich.console import Console
from rich.text import Text

from cli.live.campaign_watch import _View
from cli.remote.screen import Screen, harmless, table
from trunkline_client.models import CampaignDetail

#: Names a window, wipes the screen, and the same in one letter.
_ORDERS = "Ada\x1b]0;owned\x07\x1b[2J\x9b2J\nand\tBob"
_SHOWN = "Ada\ufffd]0;owned\ufffd\ufffd[2J\ufffd2J\nand\tBob"


def test_what_a_terminal_would_obey_is_shown_and_keeps_its_colour() -> None:
    assert harmless(_ORDERS).plain == _SHOWN
    coloured = harmless(Text.assemble(("one\x1b", "red"), "two"))
    assert (coloured.plain, coloured.spans[0].end) == ("one\ufffdtwo", 4)


def test_tables_facts_and_sentences_hold_no_order(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen()
    screen.console = Console(file=(file := io.StringIO()), width=100, no_color=True)
    screen.console.print(table(("name",), [(_ORDERS,)]))
    screen.facts({"name": _ORDERS})
    screen.say(_ORDERS)
    screen.say(Text(_ORDERS))
    assert not set(file.getvalue()) & set("\x1b\x07\x9b")
    assert file.getvalue().count("]0;owned") == 4


@pytest.mark.parametrize("name", ["[/red]", "[link=https://example.com]", _ORDERS])
def test_a_name_is_no_markup_of_a_bar(name: str) -> None:
    console = Console(file=(file := io.StringIO()), width=100, force_terminal=True)
    screen = Screen()
    screen.progress_console = console
    with screen.progress(name, 1) as advance:
        advance()
    campaign = SimpleNamespace(name=name, progress=SimpleNamespace(contacts={}))
    console.print(_View(cast(CampaignDetail, campaign))._bar)
    assert name.partition("\x1b")[0] in file.getvalue()
    assert "\x1b]" not in file.getvalue()
