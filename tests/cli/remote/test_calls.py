"""Calls by command: made, found, canceled, moved, written to a file."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cli.remote.export import cell
from tests.cli.remote.conftest import SAID, Terminal
from tests.client.conftest import AGENT_ID
from trunkline_client import Trunkline

NUMBER = "+12125550123"


def make(terminal: Terminal, number: str = NUMBER, *words: str) -> str:
    return terminal.id("call", number, *SAID, *words)


def test_the_only_agent_calls_with_what_is_said(terminal: Terminal, api: Trunkline) -> None:
    made = make(terminal, NUMBER, "--priority", "0", "--data", "crmId=C-1", "--no-recording")
    call = api.get_call(made)
    assert (call.agent_id, call.endpoint, call.priority) == (AGENT_ID, NUMBER, 0)
    assert call.context == {"firstName": "Ada", "time": "Monday"}
    assert (call.additional_data, call.recording) == ({"crmId": "C-1"}, False)


def test_an_agent_is_named_where_there_are_several(terminal: Terminal, api: Trunkline) -> None:
    pathway = api.get_agent(AGENT_ID).pathway_id
    other = terminal.id(
        *("agents", "create", "Blue Clinic", "--caller-id", "+12125550109"),
        *("--pathway", str(pathway), "--purpose", "reminder", "--timezone", "America/New_York"),
        *("--identity", "Blue Clinic", "--callback", "+12125550109"),
    )
    assert terminal("call", NUMBER, *SAID) == 2
    assert "Blue Clinic, examples" in terminal.err
    assert api.get_call(make(terminal, NUMBER, "--agent", "blue clinic")).agent_id == other


def test_for_later_and_no_later_than(terminal: Terminal, api: Trunkline) -> None:
    # The API's clock stands: its own time is what later is reckoned from.
    now = api.get_call(make(terminal)).created_time
    at, deadline = now + timedelta(hours=2), now + timedelta(days=2)
    words = ("--at", at.isoformat(), "--deadline", deadline.isoformat())
    call = api.get_call(make(terminal, "+12125550124", *words))
    assert (call.schedule.not_before, call.call_deadline) == (at, deadline)


def test_the_same_key_makes_one_call(terminal: Terminal) -> None:
    first = make(terminal, NUMBER, "--idempotency-key", "once")
    assert make(terminal, NUMBER, "--idempotency-key", "once") == first


def test_lists_are_for_people_programs_and_scripts(terminal: Terminal) -> None:
    assert terminal("calls", "list") == 0
    assert "trunkline call NUMBER" in terminal.out
    made = {make(terminal, f"+121255501{number}") for number in (20, 21, 22)}
    assert terminal("calls", "list") == 0
    assert all(one in terminal.out for one in made)
    assert {one["callId"] for one in terminal.json("calls", "list")} == made
    assert terminal("calls", "list", "-q") == 0
    assert set(terminal.out.splitlines()) == made
    assert len(terminal.json("calls", "list", "--limit", "2")) == 2
    assert terminal.json("calls", "list", "--status", "Completed") == []
    assert len(terminal.json("calls", "list", "--number", "+1 212 555 0120")) == 1


def test_one_is_shown_with_its_decisions(terminal: Terminal) -> None:
    made = make(terminal)
    assert terminal("calls", "show", made) == 0
    assert made in terminal.out
    assert NUMBER in terminal.out
    assert "Decisions" in terminal.out
    assert terminal.json("calls", "show", made)["callId"] == made


def test_several_are_canceled_at_once(terminal: Terminal, process: object) -> None:
    made = [make(terminal, f"+121255501{number}") for number in (20, 21)]
    assert terminal("calls", "cancel", *made) == 0
    assert all(one in terminal.out for one in made)
    gateway = process.app.state.services.calls  # type: ignore[attr-defined]
    assert gateway.canceled == made


def test_one_that_waits_is_moved_and_changed(terminal: Terminal, api: Trunkline) -> None:
    made = make(terminal)
    later = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    assert terminal("calls", "reschedule", made, "--at", later.isoformat()) == 0
    assert terminal("calls", "change", made, "--priority", "9") == 0
    assert api.get_call(made).priority == 9


def test_the_queue_says_what_each_waits_for(terminal: Terminal) -> None:
    assert terminal("queue") == 0
    assert "Nothing waits." in terminal.out
    made = make(terminal)
    assert terminal("queue") == 0
    assert made in terminal.out


def test_an_export_is_read_by_a_spreadsheet_and_by_a_program(
    terminal: Terminal, tmp_path: Path
) -> None:
    made = {make(terminal, f"+121255501{number}") for number in (20, 21)}
    file = tmp_path / "calls.csv"
    assert terminal("calls", "export", "-o", str(file)) == 0
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert {row["callId"] for row in rows} == made
    assert {row["endpoint"] for row in rows} == {"+12125550120", "+12125550121"}
    assert json.loads(rows[0]["context"])["firstName"] == "Ada"
    assert terminal("calls", "export", "--json") == 0
    assert {json.loads(line)["callId"] for line in terminal.out.splitlines()} == made


def test_no_cell_of_an_export_is_a_formula(terminal: Terminal, tmp_path: Path) -> None:
    assert [cell(one) for one in ("=1+1", "@x", "-2+3", "+12125550120", None, 7, {"a": 1})] == [
        "'=1+1", "'@x", "'-2+3", "+12125550120", "", "7", '{"a": 1}',
    ]  # fmt: skip


def test_a_file_that_cannot_be_written_is_told_in_a_sentence(terminal: Terminal) -> None:
    assert terminal("calls", "export", "-o", "/nowhere/calls.csv") == 2
    assert terminal.err.startswith("trunkline: /nowhere/calls.csv cannot be written")


def test_a_dry_run_says_what_would_become_of_it_and_makes_nothing(
    terminal: Terminal, api: Trunkline
) -> None:
    assert terminal("call", "+12125550131", *SAID, "--dry-run") == 0
    for said in ("be dialed at once", "Mon 23 Nov 10:00 in America/New_York"):
        assert said in terminal.out
    assert terminal.json("call", "+12125550131", *SAID, "--dry-run")["decision"] == "dial"
    assert terminal("call", "none", *SAID, "--dry-run") == 4
    assert api.list_calls().total == 0
    assert terminal("call", "+12125550131", *SAID) == 0
    assert "calls watch" in terminal.out
    assert terminal("call", "+12125550131", *SAID) == 4
    assert "--duplicate" in terminal.err
