"""What the tests of campaign pages share: files as a browser sends them, and what came of them."""

import re
from typing import Any

import httpx2

from tests.api.world import Json, World
from tests.dashboard.browser import HOME, Browser

NEW = f"{HOME}/campaigns/new"
TWO_PEOPLE = "Full Name,Phone,City\nAda,(212) 555-0123,Paris\nBob,(212) 555-0124,Rome\n"
_KEPT = re.compile(r'name="kept" value="([^"]+)"')
_SEEN = re.compile(r'name="seen" value="([^"]+)"')
_KEY = re.compile(r'name="key" value="([^"]+)"')


async def sent(
    browser: Browser,
    text: str | bytes,
    path: str = NEW,
    status: int = 200,
    file: str = "list.csv",
    headers: dict[str, str] | None = None,
    /,
    **form: str,
) -> httpx2.Response:
    """A file with the other fields of its form."""
    content = text.encode() if isinstance(text, str) else text
    answer = await browser.http.post(
        path,
        data={"token": await browser.token(), "step": "columns", **form},
        files={"file": (file, content, "text/csv")},
        headers=headers,
    )
    assert answer.status_code == status, (answer.status_code, answer.text)
    return answer


def kept(html: str) -> dict[str, str]:
    """The fields in which a page carries the file to the next one."""
    found, seen, key = _KEPT.search(html), _SEEN.search(html), _KEY.search(html)
    assert found is not None
    assert seen is not None
    fields = {"kept": found[1], "kept_name": "list.csv", "seen": seen[1]}
    return {**fields, "key": key[1]} if key else fields


async def loaded(browser: Browser, text: str, **form: str) -> str:
    """A draft out of this file, as its columns are guessed; returns its page."""
    answer = await sent(browser, text, NEW, 303, step="load", **form)
    return str(answer.headers["location"])


async def contacts(world: World, path: str) -> list[Json]:
    """The contacts of a campaign, by the address of its page."""
    answer = await world.http.get(f"/api/v1/campaigns/{path.rpartition('/')[2]}/contacts")
    found: Any = answer.json()["contacts"]
    return list(found)
