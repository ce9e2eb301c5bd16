"""The list by which every page is looked at, photographed and timed is complete."""

import re
from collections.abc import Iterator
from typing import Any

from dashboard import router
from tests.e2e.browser.pages import PAGES

#: What is no page: files, sounds, the stream, and what leads on to one.
_NO_PAGE = re.compile(
    r"\.csv$|/compliance$|/recordings/|/static/|/events$|/\{rest:path\}$"
    r"|/sign-in/with/|/sign-in/callback$"
)


def routes() -> Iterator[Any]:
    """Those of all rooms, with their whole paths."""
    for included in router.router.routes:
        contexts: Any = getattr(included, "effective_route_contexts", None)
        assert contexts is not None, "FastAPI keeps included routes otherwise now"
        yield from contexts()


def test_every_page_of_the_dashboard_is_in_the_list() -> None:
    listed = [
        re.sub(r"\{\w+\}", "anything", f"/dashboard{page.path.partition('?')[0]}") for page in PAGES
    ]
    pages = [
        route for route in routes() if "GET" in route.methods and not _NO_PAGE.search(route.path)
    ]
    assert len(pages) > 15
    missing = [
        page.path for page in pages if not any(page.path_regex.match(path) for path in listed)
    ]
    assert missing == [], missing
