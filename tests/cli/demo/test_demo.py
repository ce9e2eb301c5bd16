"""The demo knows what each simulated callee dictates, and says so when it is not what came."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from cli.api_client import CallNow, Contact, read_contacts, read_example
from cli.demo.demo import CONTACTS, EXAMPLES
from cli.demo.expectations import ANYBODY, BY_NUMBER, Expected, expected_of
from cli.demo.view import LiveView, Result, outcome_table, summary
from cli.errors import Unusable
from policy.location.endpoints import Endpoint, parse_endpoint
from policy.model.call import Outcome
from policy.pathways.pathway import check_pathway, missing_variables
from simulator.state.scripts import NUMBER_TABLE


def test_every_behaviour_of_the_simulator_has_an_expectation():
    assert BY_NUMBER.keys() == NUMBER_TABLE.keys()


def test_every_expected_outcome_exists():
    assert {expected.outcome for expected in BY_NUMBER.values()} <= set(Outcome)


@pytest.mark.parametrize("contact", read_contacts(CONTACTS), ids=lambda contact: contact.name)
def test_each_example_contact_has_a_fictional_number_and_all_the_pathway_needs(contact: Contact):
    pathway = read_example(EXAMPLES / "appointment-reminder.json")

    assert contact.phone[-7:-2] == "55501"
    assert isinstance(parse_endpoint(contact.phone), Endpoint)
    assert missing_variables(pathway["definition"], contact.context) == ()


def test_the_example_contacts_meet_every_behaviour_and_nobody_twice():
    phones = [contact.phone for contact in read_contacts(CONTACTS)]

    assert len(set(phones)) == len(phones) >= 30
    assert {phone[-2:] for phone in phones} >= NUMBER_TABLE.keys()


def test_the_example_pathway_can_be_saved():
    pathway = read_example(EXAMPLES / "appointment-reminder.json")

    assert check_pathway(pathway["kind"], pathway["definition"]) == []


@pytest.mark.parametrize(
    ("phone", "outcome"),
    [("+12125550160", "busy"), ("+12125550111", "confirmed"), ("+442079460018", "confirmed")],
)
def test_the_last_digits_of_a_number_choose_what_is_expected(phone: str, outcome: str):
    assert expected_of(phone).outcome == outcome


def call(
    outcome: str | None = "confirmed", attempts: int = 1, status: str = "Completed"
) -> CallNow:
    return CallNow("id-1", status, outcome, attempts, "The attempt succeeded")


def result(call: CallNow, legs: int = 1, expected: Expected = ANYBODY) -> Result:
    return Result(Contact("+12125550111", "Ada", {}), expected, call, legs)


@pytest.mark.parametrize(
    ("call", "legs", "fine"),
    [
        (call(), 1, True),
        (call("invalid", 1), 0, False),
        (call(None, 0, "Queued"), 0, False),
        (call(attempts=1), 2, False),
    ],
    ids=["as dictated", "another outcome", "not over", "a phone rang once too often"],
)
def test_a_call_is_judged_by_its_outcome_and_by_the_carriers_ledger(
    call: CallNow, legs: int, fine: bool
):
    assert result(call, legs).as_dictated is fine


def shown(width: int = 140) -> Console:
    return Console(file=io.StringIO(), width=width)


def text_of(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_table_names_outcome_expectation_attempts_and_reason():
    console = shown()

    console.print(outcome_table([result(call("busy", 3), expected=BY_NUMBER["60"])]))

    for word in ("Ada", "always busy", "busy", "3", "The attempt succeeded"):
        assert word in text_of(console)


def test_the_summary_names_whoever_did_not_end_as_dictated():
    good, bad = result(call()), result(call("failed"))

    assert "Every call ended as its callee dictates." in summary([good], 9).plain
    assert "Not as the callee dictates: Ada." in summary([good, bad], 9).plain


def test_without_a_terminal_every_change_is_a_line_and_nothing_is_said_twice():
    console = shown()
    queued, over = call(None, 0, "Queued"), call()

    with LiveView(console, 1) as view:
        view.name(queued, Contact("+12125550111", "Ada", {}))
        for state in (queued, queued, over, over):
            view.update({"id-1": state})

    assert text_of(console).splitlines() == [
        "[0/1] Ada  Queued: The attempt succeeded",
        "[1/1] Ada  confirmed: The attempt succeeded",
    ]


@pytest.mark.parametrize("content", ["", "phone,name\n", "telephone,name\n1,Ada\n"])
def test_a_file_without_contacts_is_refused(tmp_path: Path, content: str):
    (tmp_path / "contacts.csv").write_text(content)

    with pytest.raises(Unusable, match="needs the columns phone and name"):
        read_contacts(tmp_path / "contacts.csv")


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(Unusable, match="cannot be read"):
        read_contacts(tmp_path / "contacts.csv")
