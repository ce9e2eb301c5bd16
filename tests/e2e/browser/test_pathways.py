"""What is said is written, rehearsed and then heard by somebody, all in a browser."""

import json

import pytest

from tests.e2e.browser.test_calls import schedule
from tests.e2e.browser.visitor import Visitor
from tests.e2e.stack import CALLER_ID, Stack

pytestmark = pytest.mark.e2e

NUMBER = "+17185550129"
SCRIPT = {
    "variables": ["name"],
    "start": "ask",
    "nodes": {
        "ask": {
            "kind": "gather",
            "text": "Hello {{name}}, will you come to the fitting? Press 1 if you will.",
            "input": ["digits"],
            "numDigits": 1,
            "timeout": 5,
            "branches": [{"digits": "1", "next": "comes"}],
            "otherwise": "goodbye",
        },
        "comes": {"kind": "outcome", "outcome": "confirmed", "next": "goodbye"},
        "goodbye": {"kind": "hang_up", "text": "Thank you."},
    },
}


def test_a_pathway_is_written_and_rehearsed_and_an_agent_made_who_speaks_it_on_a_call(
    stack: Stack, visitor: Visitor
) -> None:
    stack.script(NUMBER, {"answer": {"after": 1, "by": "human", "digits": "1"}})
    write(visitor)
    rehearse(visitor)
    agent = make_agent(visitor)
    call_id = schedule(visitor, agent, NUMBER)
    visitor.stay()
    visitor.heading("confirmed").wait_for()
    assert visitor.stayed()
    assert stack.call(call_id)["agentId"] == agent


def write(visitor: Visitor) -> None:
    """A fault is said at its node while it is typed; then it is mended and saved."""
    page = visitor.page
    visitor.go("/pathways/new")
    page.get_by_label("Name (needed)").fill("Fitting")
    page.locator("#definition").fill(
        json.dumps(SCRIPT).replace('"next": "comes"', '"next": "nowhere"')
    )
    fault = page.locator("#checked").get_by_text("There is no such node.")
    fault.locator("visible=true").first.wait_for()
    page.locator("#definition").fill(json.dumps(SCRIPT))
    fault.first.wait_for(state="detached")
    page.get_by_role("button", name="Save").click()
    visitor.heading("Fitting").wait_for()


def rehearse(visitor: Visitor) -> None:
    """As whoever is called: the question is heard with the name, a key is pressed."""
    page = visitor.page
    page.get_by_role("link", name="Rehearse").click()
    visitor.heading("Rehearsal").wait_for()
    visitor.stay()
    page.get_by_label("name (needed)").fill("Ada Novak")
    page.get_by_role("button", name="Hear it like this").click()
    page.get_by_text("Hello Ada Novak, will you come").wait_for()
    page.get_by_role("button", name="Press 1").click()
    page.get_by_role("heading", name="It is over").wait_for()
    page.locator(".walk .end").get_by_text("confirmed").wait_for()
    assert visitor.stayed()


def make_agent(visitor: Visitor) -> str:
    page = visitor.page
    page.get_by_role("link", name="Fitting").click()
    page.get_by_role("link", name="make one that does").click()
    page.get_by_label("Name (needed)").fill("Tailor")
    page.get_by_label("Pathway: what it says").locator(
        "option:checked", has_text="Fitting"
    ).wait_for(state="attached")
    page.get_by_label("Purpose of its calls").select_option("reminder")
    page.get_by_label("Numbers it calls from, one a line").fill(CALLER_ID)
    page.get_by_label("Who calls", exact=True).fill("The Tailor")
    page.get_by_label("Where one is reached", exact=True).fill(CALLER_ID)
    page.get_by_role("button", name="Save").click()
    return visitor.address(r"/dashboard/agents/([0-9a-f-]{36})$")
