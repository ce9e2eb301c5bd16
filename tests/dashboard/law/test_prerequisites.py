"""Prerequisites on pages: listed, acknowledged after a look at what moves, and withdrawn."""

from typing import Any

import pytest

from tests.dashboard.browser import HOME, Browser

HERE = f"{HOME}/compliance/prerequisites"
FORM: dict[str, Any] = {
    "prerequisite": "in.dlt",
    "reference": "1101",
    "expires": "",
    "note": "By counsel",
}


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    await browser.sign_in()


async def test_what_is_asked_stands_with_its_rule_and_whether_it_was_said(browser: Browser):
    page = await browser.page(HERE)
    assert "us-tx.solicitation_registration" in page
    assert "us.tx.registration" in page
    assert "not said" in page


async def test_a_try_says_what_would_move_and_keeps_nothing(browser: Browser):
    tried = await browser.send(f"{HERE}/new", 200, **FORM, step="try")
    assert "If you acknowledge it" in tried.text
    assert "1101" not in await browser.page(HERE)


async def test_what_is_acknowledged_and_withdrawn_stays_on_the_page(browser: Browser):
    await browser.send(f"{HERE}/new", **FORM, step="save")
    page = await browser.page(HERE)
    assert "1101" in page
    assert "By counsel" in page
    assert "Calls that need in.dlt wait" in await browser.page(f"{HERE}/in.dlt/withdraw")
    await browser.send(f"{HERE}/in.dlt/withdraw")
    assert "Said before" in await browser.page(HERE)


async def test_what_is_missing_is_said_at_its_field(browser: Browser):
    typed: dict[str, Any] = {**FORM, "reference": "", "step": "save"}
    refused = await browser.send(f"{HERE}/new", 422, **typed)
    assert "A rule needs its number or reference." in refused.text


async def test_coming_rules_stand_with_what_they_would_do(browser: Browser):
    page = await browser.page(f"{HOME}/compliance/coming")
    assert "us.federal.revoke_all begins" in page
    assert "No call waits for so long." in page
