"""The do-not-call list, consents, agents, pathways, the account, by command."""

import json
from pathlib import Path

from tests.api.world import PATHWAY
from tests.cli.remote.conftest import SAID, Terminal
from tests.client.conftest import AGENT_ID
from trunkline_client import Trunkline

NUMBER = "+12025550123"
ROOT = Path(__file__).parents[3]


def test_a_number_is_put_on_the_list_and_the_calls_it_ends_are_told(terminal: Terminal) -> None:
    call = terminal.id("call", NUMBER, *SAID)
    assert terminal("dnc", "add", NUMBER, "--dry-run") == 0
    assert terminal("dnc", "check", NUMBER) == 0
    done = terminal.json("dnc", "add", "+1 202 555 0123", "--reason", "asked by mail")
    assert done["stoppedCalls"] == [call]
    assert terminal("dnc", "check", NUMBER) == 1
    assert "asked by mail" in terminal.out
    assert terminal("call", NUMBER, *SAID, "--duplicate") == 4
    assert "(suppressed)" in terminal.err


def test_it_is_taken_back_by_its_number_and_stays_on_record(terminal: Terminal) -> None:
    terminal.id("dnc", "add", NUMBER)
    assert terminal("dnc", "remove", NUMBER) == 0
    assert terminal("dnc", "check", NUMBER) == 0
    assert terminal("dnc", "remove", NUMBER) == 3
    assert terminal.json("dnc", "list") == []
    [entry] = terminal.json("dnc", "list", "--all")
    assert entry["removedTime"]
    other = terminal.id("dnc", "add", "+12025550124")
    assert terminal("dnc", "remove", other) == 0


def test_a_file_of_numbers_is_put_on_the_list(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "dnc.csv"
    file.write_text("phone\n+12025550101\n+12025550102\nnonsense\n")
    assert terminal("dnc", "import", str(file)) == 0
    assert "2 accepted, 1 rejected" in terminal.out
    assert terminal("dnc", "import", str(tmp_path / "none.csv")) == 2
    assert "none.csv cannot be read" in terminal.err


def test_a_consent_is_recorded_listed_and_taken_back(terminal: Terminal, tmp_path: Path) -> None:
    words = ("--tier", "express", "--method", "web form")
    made = terminal.id("consents", "add", NUMBER, *words)
    assert [one["consentId"] for one in terminal.json("consents", "list")] == [made]
    assert terminal("consents", "revoke", made, "--method", "mail") == 0
    assert terminal("consents", "revoke", made, "--method", "mail") == 4
    assert "(revoked)" in terminal.err
    file = tmp_path / "consents.csv"
    file.write_text("phone\n+12025550101\n")
    assert terminal("consents", "import", str(file), *words) == 0
    assert len(terminal.json("consents", "list", "--number", "+12025550101")) == 1


def test_an_agent_is_changed_as_far_as_it_is_named(terminal: Terminal, api: Trunkline) -> None:
    before = api.get_agent(AGENT_ID)
    assert terminal("agents", "change", "examples", "--disable", "--max-concurrent", "4") == 0
    after = api.get_agent(AGENT_ID)
    assert (after.is_enabled, after.max_concurrent) == (False, 4)
    assert after.caller_ids == before.caller_ids
    assert terminal("agents", "change", "examples", "--enable", "--dry-run") == 0
    assert not api.get_agent(AGENT_ID).is_enabled
    assert terminal("agents", "change", "examples", "--callback", NUMBER) == 2


def test_an_agent_is_made_of_a_file_shown_and_deleted(terminal: Terminal) -> None:
    file = ROOT / "examples" / "agent.json"
    said = ("--best-times", "none", "--call-reason", "Your appointment")
    terminal.id("agents", "create", "Blue", "--from", str(file), *said)
    assert terminal.json("agents", "show", "Blue")["callReason"] == "Your appointment"
    assert terminal("agents", "change", "Blue", "--call-reason", "") == 0
    assert terminal.json("agents", "show", "Blue")["callReason"] is None
    shown = terminal.json("agents", "show", "Blue")
    assert shown["callerIds"] == json.loads(file.read_text())["callerIds"]
    assert terminal("agents", "delete", "Blue") == 0
    assert terminal("agents", "show", "Blue") == 3


def test_a_pathway_is_checked_without_a_server(nowhere: Terminal, tmp_path: Path) -> None:
    good = ROOT / "examples" / "appointment-reminder.json"
    assert nowhere("pathways", "check", str(good)) == 0
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({**PATHWAY, "definition": {"start": "nowhere", "nodes": {}}}))
    assert nowhere("pathways", "check", str(bad)) == 4
    assert "definition" in nowhere.out
    bad.write_text("{")
    assert nowhere("pathways", "check", str(bad)) == 2


def test_a_pathway_is_made_replaced_and_deleted(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "pathway.json"
    file.write_text(json.dumps(PATHWAY))
    made = terminal.id("pathways", "create", str(file))
    file.write_text(json.dumps({**PATHWAY, "name": "other"}))
    assert terminal("pathways", "replace", made, str(file)) == 0
    assert terminal("pathways", "show", "other") == 0
    assert "Press 1 to confirm." in terminal.out
    assert terminal("pathways", "delete", "other") == 0
    file.write_text(json.dumps({**PATHWAY, "definition": {}}))
    assert terminal("pathways", "create", str(file)) == 4
    assert "definition" in terminal.err


def test_the_account_shows_its_limits_and_takes_others(terminal: Terminal) -> None:
    assert terminal("account", "change", "--max-concurrent", "7") == 0
    assert terminal.json("account", "show")["maxConcurrent"] == 7
    assert terminal("account", "probe") == 0


def test_the_rules_and_the_figures_are_those_of_the_api(terminal: Terminal, api: Trunkline) -> None:
    rules = terminal.json("rules", "list", "--jurisdiction", "us-fl")
    assert rules
    assert {one["jurisdiction"] for one in rules} == {"US-FL"}
    assert terminal.json("rules", "explain", NUMBER)["permitted"] is True
    assert terminal("analytics", "show", "--by", "day") == 0
    assert "scheduled" in terminal.out
    assert terminal("analytics", "export", "--by", "nothing") == 4
    assert terminal("analytics", "best-hours") == 0
    assert terminal("analytics", "caller-ids") == 0


def test_the_page_of_a_thing_is_named(terminal: Terminal) -> None:
    call = terminal.id("call", NUMBER, *SAID)
    assert terminal("open", call, "--print") == 0
    assert terminal.out.endswith(f"/dashboard/calls/{call}\n")
    campaign = terminal.id("campaigns", "create", "March")
    assert terminal("open", "March", "--print") == 0
    assert terminal.out.endswith(f"/dashboard/campaigns/{campaign}\n")
    assert terminal("open", "examples", "--print") == 0
    assert terminal.out.endswith(f"/dashboard/agents/{AGENT_ID}\n")
    assert terminal("open", "pathways", "--print") == 0
    assert terminal.out.endswith("/dashboard/pathways\n")
    assert terminal("open", "nothing", "--print") == 3


def test_one_look_shows_queue_slots_and_outcomes(terminal: Terminal) -> None:
    call = terminal.id("call", NUMBER, *SAID)
    assert terminal("top", "--once") == 0
    assert "Slots" in terminal.out
    assert call[:8] in terminal.out
    assert "worker ok" in terminal.out
