"""Every page, light and dark, on a desk and on a phone: nothing serious for axe, no overflow."""

from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, StorageState

from tests.e2e.browser.chromium import DESKTOP, PHONE
from tests.e2e.browser.pages import PAGES, DashboardPage
from tests.e2e.browser.sample import furnish
from tests.e2e.browser.visitor import Visitor
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e

_AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
_RUN = """rules => axe
    .run(document, {resultTypes: ["violations"], ...(rules ? {runOnly: rules} : {})})
    .then(found => found.violations.map(({id, impact, help, nodes}) =>
        ({id, impact, help, nodes: nodes.map(node => [node.html, node.failureSummary])})))"""
#: What depends on the colours, and on nothing else that a theme changes.
_OF_COLOURS = ["color-contrast", "link-in-text-block"]
_GRAVE = ("serious", "critical")
#: The page, and whatever sticks out of the card that it stands in.
_WIDER = """() => [document.documentElement, ...document.querySelectorAll(".card")]
    .filter(one => one.scrollWidth > one.clientWidth && getComputedStyle(one).overflowX !== "auto")
    .map(one => `${one.tagName} ${one.id} ${one.innerText.slice(0, 30)}: ${one.scrollWidth} px`)"""


@pytest.fixture(scope="module")
def ids(stack: Stack) -> dict[str, str]:
    return furnish(stack)


@pytest.fixture(scope="module")
def readers(
    browser: Browser, stack: Stack, session: StorageState
) -> Iterator[Callable[[DashboardPage], Visitor]]:
    """Somebody who has signed in, and somebody who has not."""
    contexts = [browser.new_context(storage_state=session), browser.new_context()]
    found = [Visitor.of(one, stack.ready["api"], stack.ready["apiKey"]) for one in contexts]
    yield lambda page: found[page.is_public]
    for context in contexts:
        context.close()


def test_axe_sees_what_is_hard_to_read(visitor: Visitor) -> None:
    visitor.go("")
    visitor.page.evaluate("document.querySelector('h1').style.color = '#bbb'")
    assert any("color-contrast" in one for one in grave(visitor, _OF_COLOURS))


@pytest.mark.parametrize("shown", PAGES, ids=lambda page: page.name)
def test_a_page_can_be_read_by_everybody(
    readers: Callable[[DashboardPage], Visitor], ids: dict[str, str], shown: DashboardPage
) -> None:
    reader = readers(shown)
    open_(reader, shown, ids)
    found: list[str] = []
    for size, where in ((DESKTOP, "on a desk"), (PHONE, "on a phone")):
        reader.page.set_viewport_size(size)
        reader.page.emulate_media(color_scheme="light")
        found += [f"{where}: {one}" for one in grave(reader)]
        reader.page.emulate_media(color_scheme="dark")
        found += [f"{where}, dark: {one}" for one in grave(reader, _OF_COLOURS)]
        found += [f"{where}, wider than there is room: {one}" for one in wider(reader)]
    assert found == []


def open_(reader: Visitor, shown: DashboardPage, ids: dict[str, str]) -> None:
    reader.go(shown.path.format(**ids))
    reader.page.locator(shown.ready).first.wait_for()
    # What is folded is read, too, once somebody opens it.
    reader.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")


def wider(reader: Visitor) -> list[str]:
    found: list[str] = reader.page.evaluate(_WIDER)
    return found


def grave(reader: Visitor, rules: list[str] | None = None) -> list[str]:
    """What axe finds serious or worse, each with where it is."""
    if not reader.page.evaluate("'axe' in window"):
        reader.page.evaluate(_AXE)
    found: list[dict[str, Any]] = reader.page.evaluate(_RUN, rules)
    return [
        f"{one['id']}: {one['help']}: {one['nodes'][:3]}"
        for one in found
        if one["impact"] in _GRAVE
    ]
