"""One browser for these tests. Where there is none they are skipped, and say how to get it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, StorageState

from tests.e2e.browser.chromium import DESKTOP, HOW_TO_GET_IT, browsing, chromium
from tests.e2e.browser.visitor import Visitor
from tests.e2e.stack import Stack

Visit = Callable[..., Visitor]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    # Before any fixture: no stack is started for nothing.
    if chromium() is None:
        pytest.skip(HOW_TO_GET_IT)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with browsing() as found:
        yield found


@pytest.fixture
def visit(browser: Browser, stack: Stack) -> Iterator[Visit]:
    """Somebody who has just opened a browser; at the end nothing may have gone wrong in it."""
    with ExitStack() as open_:

        def opened(**how: object) -> Visitor:
            context = browser.new_context(**{"viewport": DESKTOP, **how})  # type: ignore[arg-type]
            open_.callback(context.close)
            visitor = Visitor.of(context, stack.ready["api"], stack.ready["apiKey"])
            visitors.append(visitor)
            return visitor

        visitors: list[Visitor] = []
        yield opened
        assert [one for visitor in visitors for one in visitor.troubles] == []


@pytest.fixture(scope="package")
def session(browser: Browser, stack: Stack) -> StorageState:
    """The cookies of somebody who has signed in."""
    context = browser.new_context()
    Visitor.of(context, stack.ready["api"], stack.ready["apiKey"]).sign_in()
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def visitor(visit: Visit, session: StorageState) -> Visitor:
    """Somebody who has signed in."""
    return visit(storage_state=session)
