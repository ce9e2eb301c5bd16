"""What is typed into forms and addresses is refused in words, however odd it is."""

import base64
import json
from typing import Any

import pytest

from tests.api.world import ENDPOINT
from tests.dashboard.browser import HOME, Browser, read

NEW, CALLS = f"{HOME}/calls/new", f"{HOME}/calls"
_DIGITS = "9" * 5000


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    # Where a day begins before it does in UTC.
    browser.http.cookies.set("trunkline-zone", "Asia/Tokyo")
    await browser.sign_in()


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize("step", ["review", "schedule"])
@pytest.mark.parametrize(
    "typed",
    [
        {"priority": _DIGITS},
        {"priority": "²"},
        {"more": '{"a": "\\ud800"}'},
        {"metadata": '{"a": "\\ud800"}'},
        {"metadata": '{"a": "\\u0000"}'},
    ],
    ids=["digits", "raised", "half a letter", "half a letter in metadata", "NUL in metadata"],
)
async def test_a_call_that_cannot_be_is_told_at_its_field(
    browser: Browser, step: str, typed: dict[str, str]
):
    agent = await browser.world.agent()
    form = {"number": ENDPOINT, "agent": agent, "context.name": "Ada", **typed}
    answer = await browser.send(NEW, 422, step=step, **form)
    assert "internal_error" not in read(answer.text)


@pytest.mark.parametrize("field", ["priority", "max_concurrent", "attempts"])
async def test_a_number_with_thousands_of_digits_is_no_number_of_a_campaign(
    browser: Browser, field: str
):
    path = await campaign(browser)
    answer = await browser.send(f"{path}/settings", 422, **{"name": "March", field: _DIGITS})
    assert "whole number" in read(answer.text)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_a_day_that_is_none_in_utc_is_refused(browser: Browser, day: str):
    name = "since" if day.startswith("0") else "until"
    for page in (CALLS, f"{CALLS}.csv"):
        assert "There is no such day." in await browser.page(f"{page}?{name}={day}", 422)


@pytest.mark.parametrize(
    "query",
    [
        f"sort=longest&cursor={cursor(10**30, 'x')}",
        f"sort=ended&cursor={cursor('0001-01-01T00:00:00+14:00', 'x')}",
    ],
    ids=["number", "time"],
)
async def test_a_place_that_no_list_has_is_refused(browser: Browser, query: str):
    assert "no place in the list" in await browser.page(f"{CALLS}?{query}", 422)


async def test_a_contact_beyond_all_is_refused(browser: Browser):
    path = await campaign(browser)
    await browser.page(f"{path}/contacts?after={10**30}", 422)
    await browser.send(f"{path}/contacts", 422, sought="ada", after=str(10**30))
    await browser.send(f"{path}/forget-rejected", 422, through=str(10**30))


async def test_a_field_that_is_sent_twice_hides_no_character_that_no_text_has(browser: Browser):
    twice: dict[str, Any] = {"token": await browser.token(), "call_id": ["a\0b", "c"]}
    answer = await browser.http.post(f"{CALLS}/remove", data=twice)
    assert answer.status_code == 422
    named = {"token": twice["token"], "context.na\0me": "Ada"}
    assert (await browser.http.post(NEW, data=named)).status_code == 422


async def campaign(browser: Browser) -> str:
    """A draft's address."""
    answer = await browser.http.post(
        f"{HOME}/campaigns/new",
        data={
            "token": await browser.token(),
            "step": "load",
            "agent": await browser.world.agent(),
            "name": "March",
        },
        files={"file": ("march.csv", b"phone,name\n+12125550124,Ada\n", "text/csv")},
    )
    assert answer.status_code == 303, read(answer.text)
    return str(answer.headers["location"])
