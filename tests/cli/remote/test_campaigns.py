"""A campaign by command: from a file to its export."""

from pathlib import Path

import pytest

from cli.live import campaign_watch
from tests.cli.remote.conftest import Terminal
from trunkline_client import Trunkline
from trunkline_client.models import CampaignDetail

FILE = "phone,Given Name,time,city\n+12125550120,Ada,Monday,Rome\n+12125550121,Bo,Tuesday,Oslo\n"


@pytest.fixture
def filled(terminal: Terminal, tmp_path: Path) -> str:
    """A draft of two contacts, and a row that was rejected."""
    made = terminal.id("campaigns", "create", "March", "--max-concurrent", "3")
    file = tmp_path / "march.csv"
    file.write_text(FILE + "nonsense,Cy,Friday,Rome\n")
    words = ("--map", "Given Name=firstName")
    assert terminal("campaigns", "upload", "march", str(file), *words) == 0
    assert "2 accepted, 1 rejected (column phone, by name)." in terminal.out
    assert "row 4:" in terminal.out
    return made


def test_a_draft_has_the_limits_and_times_that_were_said(
    terminal: Terminal, api: Trunkline
) -> None:
    made = terminal.id(
        *("campaigns", "create", "March", "--calls-per-minute", "30", "--priority", "7"),
        *("--window", "mon-fri@09:00-17:00", "--timezone", "America/New_York"),
    )
    found = api.get_campaign(made)
    assert (found.calls_per_minute, found.priority) == (30, 7)
    assert found.schedule.window == {
        "days": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "17:00",
    }  # fmt: skip
    assert terminal("campaigns", "change", "March", "--max-concurrent", "9") == 0
    assert api.get_campaign(made).max_concurrent == 9


def test_a_window_that_is_none_is_told_before_anything_is_asked(terminal: Terminal) -> None:
    assert terminal("campaigns", "create", "March", "--window", "weekdays") == 2
    assert "mon-fri@09:00-17:00" in terminal.err


def test_what_would_happen_is_said_before_it_does(terminal: Terminal, filled: str) -> None:
    assert terminal("campaigns", "preflight", "March") == 0
    assert "America/New_York" in terminal.out
    assert terminal.json("campaigns", "preflight", filled)["contacts"] == 2


def test_what_it_would_come_to_is_said_with_other_limits_too(
    terminal: Terminal, filled: str
) -> None:
    assert terminal("campaigns", "forecast", "March", "--seeds", "2") == 0
    for said in ("2, in 2 runs", "done by", "dials", "cost"):
        assert said in terminal.out
    found = terminal.json("campaigns", "forecast", filled, "--seeds", "1", "--answer-rate", "1")
    assert (found["contacts"], found["seeds"]) == (2, 1)
    assert found["assumptions"]["answerRate"] == {"value": 1.0, "source": "request"}
    one = terminal.json("campaigns", "forecast", filled, "--seeds", "1", "--cap", "1")
    assert one["mostBusy"]["p90"] == 1


def test_rows_that_were_rejected_can_be_mended(terminal: Terminal, filled: str) -> None:
    assert terminal("campaigns", "errors", filled) == 0
    header, row = terminal.out.splitlines()
    assert header.startswith("row,code,")
    assert row.startswith("4,invalid_number,")


def test_it_is_started_paused_resumed_and_canceled(
    terminal: Terminal, api: Trunkline, filled: str
) -> None:
    for word, status in (
        ("start", "Running"), ("pause", "Paused"), ("resume", "Running"), ("cancel", "Canceled"),
    ):  # fmt: skip
        assert terminal("campaigns", word, filled) == 0
        assert api.get_campaign(filled).status == status
    assert terminal("campaigns", "start", filled) == 4
    assert terminal("campaigns", "watch", filled) == 1
    assert "Canceled: 0 of" in terminal.out


def test_only_a_segment_is_started(terminal: Terminal, api: Trunkline, filled: str) -> None:
    assert terminal("campaigns", "start", filled, "--segment", "city=Rome") == 0
    assert api.get_campaign(filled).progress.contacts["dropped"] == 1


def test_it_is_watched_until_it_is_over(
    terminal: Terminal, api: Trunkline, filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert terminal("campaigns", "start", filled) == 0
    real = Trunkline.get_campaign
    looks: list[CampaignDetail] = []

    def look(client: Trunkline, campaign_id: str) -> CampaignDetail:
        found = real(client, campaign_id)
        looks.append(found)
        done = len(looks) > 2
        return found.model_copy(update={"status": "Completed"} if done else {})

    monkeypatch.setattr(Trunkline, "get_campaign", look)
    monkeypatch.setattr(campaign_watch, "_LOOK_SECONDS", 0.0)
    assert terminal("campaigns", "watch", filled) == 0
    lines = [line.split("  ", 1)[1] for line in terminal.out.splitlines()]
    assert lines == ["Running: 0 of 2 calls over", "Completed: 0 of 2 calls over"]


def test_contacts_are_exported_and_it_is_found_by_name(terminal: Terminal, filled: str) -> None:
    assert terminal("campaigns", "export", "MARCH", "--contacts") == 0
    lines = terminal.out.splitlines()
    assert len(lines) == 4
    assert terminal("campaigns", "list") == 0
    assert filled in terminal.out
    assert terminal("campaigns", "show", "nobody") == 3


def test_a_copy_and_a_redial_are_drafts_of_their_own(terminal: Terminal, filled: str) -> None:
    copy = terminal.json("campaigns", "duplicate", "March", "--name", "April")
    assert (copy["name"], copy["contacts"]) == ("April", 2)
    assert terminal("campaigns", "redial", "March", "--outcome", "busy") == 4
    assert "outcomes:" in terminal.err
    assert terminal("campaigns", "delete", "April") == 0
    assert terminal("campaigns", "show", "April") == 3
