"""The overview of a period: rates, charts that are read as well as seen, who has the slots."""

from datetime import UTC, date, datetime

import pytest

from dashboard.overview.period import look_back
from tests.api.worker import Worker
from tests.dashboard.browser import HOME, Browser
from tests.dashboard.test_pages import ended


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    browser.http.cookies.set("trunkline-zone", "America/New_York")
    await browser.sign_in()


async def test_a_period_has_its_rates_and_charts(browser: Browser):
    await ended(browser.world)
    for name, title in (("today", "Today"), ("week", "7 days"), ("quarter", "90 days")):
        html = await browser.html(f"{HOME}?period={name}")
        assert f'aria-current="page">{title}</a>' in html
        assert '<svg role="img" aria-labelledby="ended-title ended-says"' in html
        assert '<title id="ended-title">How calls ended</title>' in html
    assert "Average duration" in await browser.page()


@pytest.mark.parametrize("name", ["today", "week", "month", "quarter"])
async def test_a_period_is_one_at_midnight_too(name: str):
    midnight = datetime(2026, 11, 24, 5, tzinfo=UTC)
    found = look_back(name, "America/New_York", midnight)
    assert found.days[-1] == date(2026, 11, 24)
    assert found.period.runs


async def test_an_unknown_period_is_the_usual_one(browser: Browser):
    await ended(browser.world)
    assert 'aria-current="page">7 days</a>' in await browser.html(f"{HOME}?period=odd")


async def test_rates_take_the_scope_to_read_analytics(browser: Browser):
    await ended(browser.world)
    browser.http.cookies.clear()
    await browser.sign_in_with(["calls:read"])
    page = await browser.page()
    assert "Ended 1 of 1 call in all" in page
    assert "Answer rate" not in page


async def test_who_has_the_slots_is_named_with_its_own_limit(browser: Browser, worker: Worker):
    agent_id = await browser.world.agent(name="Blue Clinic", maxConcurrent=4)
    call_id = await browser.world.call(agentId=agent_id)
    assert (await worker.decide(call_id)).attempt_number == 1
    page = await browser.page()
    assert "In progress 1 of 100 slots" in page
    assert "Who has slots now who share slots Blue Clinic 1 of 4" in page
