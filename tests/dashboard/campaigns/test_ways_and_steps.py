"""The pages of a campaign's goal, its variants, and the steps that follow its calls."""

import json
from typing import Any

import pytest

from tests.api.campaigns.test_campaigns import get, made
from tests.api.follow_ups.test_follow_ups import STEPS, put
from tests.api.splits.test_splits import put as put_split
from tests.api.splits.test_splits import shown
from tests.api.world import Json
from tests.dashboard.browser import HOME, Browser


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    await browser.sign_in()


def page_of(campaign: Json, part: str = "") -> str:
    return f"{HOME}/campaigns/{campaign['campaignId']}{part}"


async def sent(browser: Browser, path: str, status: int = 303, **form: str) -> str:
    data = {"token": await browser.token(), **form}
    answer = await browser.http.post(path, data=data)
    assert answer.status_code == status, answer.text
    return answer.text


async def test_a_goal_is_set_by_the_form_and_shown_with_the_settings(browser: Browser) -> None:
    campaign = await made(browser.world)
    form = {
        "name": "spring",
        "agent": campaign["agentId"],
        "priority": "5",
        "goal_outcomes": "confirmed",
        "goal_target": "20",
        "goal_variable": "region",
        "goal_quotas": "north = 3\nsouth = 4",
    }
    path = page_of(campaign, "/settings")
    wrong = await sent(browser, path, 422, **{**form, "goal_quotas": "north"})
    assert "north = 100" in wrong
    await sent(browser, path, **form)
    goal = (await get(browser.world, campaign))["goal"]
    assert goal["quotas"] == {"variable": "region", "targets": {"north": 3, "south": 4}}
    assert "20 calls that ended as confirmed" in await browser.page(page_of(campaign))


async def test_variants_are_set_by_the_form_and_compared(browser: Browser) -> None:
    campaign = await made(browser.world)
    path = page_of(campaign, "/split")
    rows: dict[str, Any] = {
        "name0": "as now",
        "name1": "evening",
        "start1": "17:00",
        "end1": "20:00",
    }
    unnamed = {"name0": "alone", "message1": "Hello there."}
    wrong = await sent(browser, path, 422, success="confirmed", **unnamed)
    assert "name another one" in wrong
    assert "Hello there." in wrong
    third = {**unnamed, "name2": "late", "weight2": "many"}
    wrong = await sent(browser, path, 422, success="confirmed", **third)
    assert 'id="weight2-error"' in wrong
    wrong = await sent(browser, path, 422, success="confirmed", **rows, weight1="many")
    assert 'id="weight1-error"' in wrong
    await sent(browser, path, success="confirmed", learns="yes", **rows)
    assert (await shown(browser.world, campaign))["learns"]
    page = await browser.page(path)
    assert "evening 50.0 %" in page
    assert "Nothing was seen yet" in page


async def test_steps_are_set_by_the_form_and_shown(browser: Browser) -> None:
    campaign = await made(browser.world)
    path = page_of(campaign, "/steps")
    assert "Must be JSON" in await sent(browser, path, 422, steps="{")
    await sent(browser, path, steps=json.dumps(STEPS))
    page = await browser.page(path)
    assert "text text: Hello {{name}} sent → later" in page
    assert "later wait P1D any → again" in page
    await put(browser.world, campaign, STEPS)


@pytest.mark.parametrize("wrong", ["\\u0000", "\\ud800"])
async def test_steps_that_no_database_keeps_are_refused_at_the_form(
    browser: Browser, wrong: str
) -> None:
    campaign = await made(browser.world)
    said = json.dumps(STEPS).replace("Hello", f"Hello {wrong}")
    page = await sent(browser, page_of(campaign, "/steps"), 422, steps=said)
    assert "cannot be stored" in page


async def test_the_form_keeps_what_of_the_variants_it_does_not_show(browser: Browser) -> None:
    campaign = await made(browser.world)
    window = {"days": ["mon", "tue"], "start": "10:00", "end": "12:00"}
    split: dict[str, Any] = {
        "success": ["confirmed"],
        "variants": [
            {"name": "as now", "voicemail": {"action": "retry_later"}},
            {"name": "early", "window": window},
            *[{"name": f"way {nth}"} for nth in range(4)],
        ],
    }
    await put_split(browser.world, campaign, split)
    rows = {f"name{nth}": one["name"] for nth, one in enumerate(split["variants"])}
    form = {**rows, "start1": "10:00", "end1": "12:00", "weight0": "3"}
    both = "confirmed,transferred:*"
    await sent(browser, page_of(campaign, "/split"), success=both, **form)
    page = await browser.page(page_of(campaign, "/split"))
    assert "ended as confirmed or were put through to somebody" in page
    found = await shown(browser.world, campaign)
    assert [one["name"] for one in found["variants"]] == list(rows.values())
    first, second, *_ = found["variants"]
    assert first["weight"] == 3
    assert first["voicemail"] == {"action": "retry_later"}
    assert second["window"] == window
