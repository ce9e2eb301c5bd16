"""What a person does with calls, in a browser on the running stack."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.browser.conftest import Visit
from tests.e2e.browser.visitor import Visitor
from tests.e2e.stack import Stack
from tests.wait import wait_until

pytestmark = pytest.mark.e2e

CONFIRMS = {"answer": {"after": 1, "by": "human", "digits": "1"}}
TOMORROW = timedelta(days=1)
_UNTIL_HEARD = """audio => new Promise(heard => {
    const look = () => audio.currentTime > 0 && heard();
    audio.addEventListener("timeupdate", look);
    look();
})"""


def tomorrow() -> dict[str, str]:
    return {"notBefore": (datetime.now(UTC) + TOMORROW).isoformat()}


def schedule(visitor: Visitor, agent: str, number: str) -> str:
    """A call by the form, its review, and the click that makes it; returns its id."""
    page = visitor.page
    visitor.go("/calls/new")
    page.get_by_label("Agent", exact=True).select_option(agent)
    page.get_by_label("name").fill("Ada Novak")
    page.get_by_label("Phone number").fill(number)
    page.locator("#number-says").get_by_text("may be called now").wait_for()
    page.get_by_role("button", name="Review").click()
    visitor.heading("Schedule this call?").wait_for()
    page.get_by_role("button", name="Schedule the call").click()
    return visitor.address(r"/dashboard/calls/([0-9a-f-]{36})")


def test_somebody_signs_in_and_out(visit: Visit) -> None:
    visitor = visit()
    visitor.sign_in()
    visitor.page.get_by_role("button", name="Sign out").click()
    visitor.heading("Sign in").wait_for()


def test_a_call_is_scheduled_and_seen_answered_and_ended_without_reloading(
    stack: Stack, visitor: Visitor
) -> None:
    stack.script("+17185550123", CONFIRMS)
    schedule(visitor, stack.agent(), "+1 718 555 0123")
    visitor.stay()
    visitor.heading("confirmed").wait_for()
    attempt = visitor.page.get_by_role("row").filter(has_text="answered")
    attempt.first.wait_for()
    assert visitor.stayed()


def test_a_recording_is_heard_by_ranges(stack: Stack, visitor: Visitor) -> None:
    stack.script("+17185550124", CONFIRMS)
    call_id = stack.submit(stack.agent(recording=True), "+17185550124")
    visitor.go(f"/calls/{call_id}")
    visitor.stay()
    sound = visitor.page.locator("audio")
    sound.wait_for()
    with visitor.page.expect_response(lambda one: "/recordings/" in one.url) as heard:
        sound.evaluate("audio => audio.play()")
    assert heard.value.status == 206
    sound.evaluate(_UNTIL_HEARD)
    assert visitor.stayed()


def test_a_queued_call_is_canceled(stack: Stack, visitor: Visitor) -> None:
    call_id = stack.submit(stack.agent(), "+17185550125", schedule=tomorrow())
    visitor.go(f"/calls/{call_id}")
    visitor.confirm("Cancel…", "Yes, cancel this call")
    visitor.heading("canceled").wait_for()
    assert stack.call(call_id)["status"] == "Canceled"


def test_calls_are_removed_from_the_list_after_a_question(stack: Stack, visitor: Visitor) -> None:
    agent = stack.agent()
    ids = [stack.submit(agent, f"+1718555017{n}", schedule=tomorrow()) for n in (1, 2)]
    visitor.go(f"/calls?tab=scheduled&agent={agent}")
    visitor.page.get_by_label("Choose all on this page").check()
    visitor.page.get_by_role("button", name="Remove those chosen").click()
    visitor.heading("Remove these 2 calls?").wait_for()
    visitor.page.get_by_role("button", name="Yes, remove them").click()
    visitor.page.get_by_role("status").wait_for()
    assert {stack.call(one)["status"] for one in ids} == {"Canceled"}


def test_a_number_put_on_the_list_stops_its_calls_which_are_named(
    stack: Stack, visitor: Visitor
) -> None:
    number = "+17185550126"
    ids = [stack.submit(stack.agent(), number, schedule=tomorrow()) for _ in range(2)]
    visitor.go("/do-not-call")
    visitor.page.get_by_role("textbox", name="Number").first.fill(number)
    visitor.page.get_by_label("Why").fill("asked by mail")
    visitor.page.get_by_role("button", name="Put it on the list").click()
    said = visitor.page.get_by_role("status")
    for call_id in ids:
        said.get_by_text(call_id).wait_for()
    said.get_by_text(ids[0]).click()
    visitor.heading("suppressed").wait_for()
    visitor.page.get_by_text("do-not-call list since").wait_for()
    wait_until(lambda: all(stack.call(one)["outcome"] for one in ids), "both have ended")
    assert {stack.call(one)["outcome"] for one in ids} == {"suppressed"}
