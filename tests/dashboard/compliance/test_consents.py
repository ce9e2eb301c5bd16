"""Consents: listed, sought by number, recorded and taken back, with what that would move."""

from typing import Any

import pytest

from policy.model.call import Outcome
from tests.api.worker import Worker, ask_for_consent, get
from tests.api.world import ENDPOINT
from tests.dashboard.browser import HOME, Browser, read

HERE = f"{HOME}/compliance/consents"
SAID: Any = {"number": "+1 (212) 555-0123", "tier": "express", "method": "web form"}


@pytest.fixture(autouse=True)
async def _signed_in(browser: Browser) -> None:
    browser.http.cookies.set("trunkline-zone", "America/New_York")
    await browser.sign_in()


async def only(browser: Browser) -> Any:
    [found] = (await get(browser.world, "consents"))["consents"]
    return found


async def test_an_empty_list_says_what_to_do_first(browser: Browser):
    assert "No consent is on record" in await browser.page(HERE)


async def test_a_consent_is_recorded_as_it_was_typed(browser: Browser):
    form: Any = {
        **SAID,
        "evidence": "form 7",
        "granted": "2026-10-31T09:00",
        "scope": "purpose:reminder",
    }
    page = await browser.follow(await browser.send(f"{HERE}/new", **form))
    assert "The consent is on record." in page
    assert "+12125550123 holds express web form form 7 for calls for reminder" in page
    found = await only(browser)
    assert (found["scope"], found["scopeId"]) == ("purpose", "reminder")
    assert found["grantedTime"] == "2026-10-31T13:00:00Z"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": "nonsense"}, "number"),
        ({"number": ""}, "number"),
        ({"tier": ""}, "tier"),
        ({"method": ""}, "method"),
        ({"granted": "2026-12-24T09:00"}, "granted"),
        ({"granted": "2026-03-08T02:30"}, "granted"),
        ({"scope": "agent:nobody"}, "scope"),
    ],
)
async def test_a_mistake_is_told_at_its_field_and_keeps_what_was_typed(
    browser: Browser, changes: Any, field: str
):
    form: Any = {**SAID, "evidence": "form 7", **changes}
    answer = await browser.send(f"{HERE}/new", 422, **form)
    assert f'id="{field}-error"' in answer.text
    assert "form 7</textarea>" in answer.text
    assert (await get(browser.world, "consents"))["total"] == 0


async def test_a_number_is_sought_without_standing_in_an_address(browser: Browser):
    await browser.send(f"{HERE}/new", **SAID)
    await browser.send(f"{HERE}/new", **{**SAID, "number": "+12125550124"})
    refused = await browser.send(f"{HERE}/find", 422, number="212 555 0124")
    assert 'id="sought-error"' in refused.text
    assert 'value="212 555 0124"' in refused.text
    page = read((await browser.send(f"{HERE}/find", 200, number="+1 212 555 0124")).text)
    assert "Only consents of +12125550124 ." in page
    assert "+12125550123" not in page
    nobody = read((await browser.send(f"{HERE}/find", 200, number="+12125550199")).text)
    assert "has not agreed to anything" in nobody


async def test_taking_one_back_says_first_which_calls_it_would_move(
    browser: Browser, worker: Worker
):
    await ask_for_consent(browser.world)
    await browser.send(f"{HERE}/new", **SAID)
    call_id = await worker.sleeping()
    consent_id = (await only(browser))["consentId"]
    path = f"{HERE}/{consent_id}/revoke"
    assert "Take it back" not in read((await browser.get(path)).text).partition("How far")[2]
    asked = read((await browser.send(path, 200, method="in a letter", scope="this")).text)
    assert "1 of 1 waiting call would go on otherwise than now. Nothing is changed yet." in asked
    assert call_id[:8] in asked
    assert (await only(browser))["revokedTime"] is None
    done = await browser.send(path, method="in a letter", scope="this", step="save")
    page = await browser.follow(done)
    assert "The consent is taken back." in page
    assert "taken back" in page
    assert (await only(browser))["revocation"]["method"] == "in a letter"
    assert (await worker.decide(call_id)).outcome is Outcome.SUPPRESSED
    assert "It was taken back before" in await browser.page(path)


async def test_who_wants_no_calls_at_all_is_put_on_the_do_not_call_list(browser: Browser):
    await browser.send(f"{HERE}/new", **SAID)
    path = f"{HERE}/{(await only(browser))['consentId']}/revoke"
    await browser.send(path, method="in a letter", scope="all", step="save")
    [entry] = (await get(browser.world, "suppressions"))["suppressions"]
    assert (entry["endpoint"], entry["source"]) == (ENDPOINT, "revocation")


async def test_how_it_was_taken_back_has_to_be_said(browser: Browser):
    await browser.send(f"{HERE}/new", **SAID)
    path = f"{HERE}/{(await only(browser))['consentId']}/revoke"
    answer = await browser.send(path, 422, method="", reason="moved away", step="save")
    assert 'id="method-error"' in answer.text
    assert 'value="moved away"' in answer.text
    assert (await only(browser))["revokedTime"] is None
