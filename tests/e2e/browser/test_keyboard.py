"""Without a mouse: what can be done is reached by keys, in an order that makes sense."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.browser.visitor import Visitor
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e

#: What can be acted on and is there to be seen.
_ACTIONS = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary"
)].filter(one => one.checkVisibility({visibilityProperty: true}) && !one.disabled
    && !(one.type === "radio" && !one.checked)).map((one, n) => (one.dataset.n = n, n))"""
_FOCUSED = "document.activeElement.dataset.n"
#: Whoever has the focus is seen to have it.
_SEEN = """() => { const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0; }"""
#: Nothing takes the place of what has been counted.
_STILL = "window.EventSource = class { addEventListener() {} close() {} }"
_PAGES = (
    *("", "/calls", "/calls?tab=scheduled", "/calls/new", "/campaigns/new", "/do-not-call"),
    *("/pathways/new", "/webhooks/new"),
)


@pytest.mark.parametrize("path", _PAGES)
def test_every_action_of_a_page_is_reached_by_tab_and_is_seen_to_be(
    stack: Stack, visitor: Visitor, path: str
) -> None:
    stack.agent()
    page = visitor.page
    page.add_init_script(_STILL)
    visitor.go(path)
    actions = page.evaluate(_ACTIONS)
    reached, unseen = set(), []
    page.evaluate("document.activeElement.blur()")
    for _ in range(4 * len(actions) + 20):
        page.keyboard.press("Tab")
        number = page.evaluate(_FOCUSED)
        if number is not None:
            reached.add(int(number))
            if not page.evaluate(_SEEN):
                unseen.append(page.evaluate("document.activeElement.outerHTML"))
        if len(reached) == len(actions):
            break
    missed = [
        page.evaluate("n => document.querySelector(`[data-n='${n}']`).outerHTML", number)
        for number in actions
        if number not in reached
    ]
    assert missed == []
    assert unseen == []


def test_a_call_is_scheduled_and_canceled_with_keys_alone(stack: Stack, visitor: Visitor) -> None:
    agent = stack.agent(name="Zoe's desk")
    visitor.go("/calls")
    keys = visitor.page.keyboard
    tab_to(visitor, "New call")
    keys.press("Enter")
    visitor.heading("New call").wait_for()
    tab_to(visitor, "Phone number")
    keys.type("+1 718 555 0128")
    tab_to(visitor, "Agent")
    keys.type("Zoe's desk")
    visitor.page.locator("option:checked", has_text="Zoe's desk").wait_for(state="attached")
    tab_to(visitor, "as soon as it may be made")
    keys.press("ArrowDown")
    tab_to(visitor, "Day and time")
    keys.type((datetime.now(UTC) + timedelta(days=2)).strftime("%m%d%Y"))
    keys.press("ArrowRight")
    keys.type("1030AM")
    tab_to(visitor, "Review")
    keys.press("Enter")
    visitor.heading("Schedule this call?").wait_for()
    tab_to(visitor, "Schedule the call")
    keys.press("Enter")
    call_id = visitor.address(r"/dashboard/calls/([0-9a-f-]{36})")
    assert stack.call(call_id)["agentId"] == agent
    tab_to(visitor, "Cancel…")
    keys.press("Enter")
    tab_to(visitor, "Yes, cancel this call")
    keys.press("Enter")
    visitor.heading("canceled").wait_for()
    assert stack.call(call_id)["status"] == "Canceled"


def tab_to(visitor: Visitor, name: str) -> None:
    """Press Tab until what is called so has the focus."""
    page = visitor.page
    for _ in range(80):
        page.keyboard.press("Tab")
        called = page.evaluate(
            "(one => (one.labels && one.labels[0] ? one.labels[0] : one).innerText || '')"
            "(document.activeElement)"
        )
        if called.strip().startswith(name):
            return
    raise AssertionError(f"no key leads to {name}")
