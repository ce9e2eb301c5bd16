"""Accounts at the carrier on a page: added, tokens replaced, numbers imported; who may."""

from typing import Any

import pytest

from settings import Settings
from telephony.errors import Rejected, RejectedClass
from telephony.port import CarrierNumber, NumberKind
from tests.api.carriers.others import NEXT_TOKEN, NUMBER, SID, TOKEN, sealing_settings
from tests.api.worker import get
from tests.dashboard.browser import HOME, Browser, read

CARRIERS = f"{HOME}/settings/carriers"


@pytest.fixture
def settings() -> Settings:
    return sealing_settings()


async def test_an_account_is_added_imported_rotated_and_deleted(browser: Browser):
    await browser.sign_in()
    assert "not imported yet" in await browser.page(CARRIERS)
    form: dict[str, Any] = {
        "name": "Ireland",
        "sid": SID,
        "auth_token": TOKEN,
        "caller_ids": f"{NUMBER}\n",
    }
    answer = await browser.send(CARRIERS, **form)
    assert "Import its numbers next." in await browser.follow(answer)
    [account] = (await get(browser.world, "carrier-accounts"))["carrierAccounts"]
    own = account["carrierAccountId"]
    await browser.world.agent(name="Front desk", callerIds=[NUMBER])
    browser.world.numbers.listed = [
        CarrierNumber(NUMBER, NumberKind.OWNED, "PN1", voice=True, shaken_stir="twilio-approved")
    ]
    answer = await browser.send(f"{CARRIERS}/import", carrier_account_id=own)
    text = await browser.follow(answer)
    assert "The carrier's list is imported." in text
    assert f"{NUMBER} owned Ireland Front desk" in text
    assert "SHAKEN/STIR: twilio-approved" in text
    answer = await browser.send(f"{CARRIERS}/{own}/rotate", auth_token=NEXT_TOKEN, overlap="PT1H")
    assert "the former until" in await browser.follow(answer)
    answer = await browser.send(f"{CARRIERS}/{own}/numbers", caller_ids="")
    await browser.follow(answer)
    assert (await get(browser.world, f"carrier-accounts/{own}"))["callerIds"] == []
    assert "default" in await browser.follow(await browser.send(f"{CARRIERS}/{own}/default"))
    await browser.send(f"{CARRIERS}/{own}/disable", 409)
    await browser.follow(await browser.send(f"{CARRIERS}/{own}/default", chosen="false"))
    answer = await browser.send(f"{CARRIERS}/{own}/disable")
    assert "disabled since" in await browser.follow(answer)
    assert "It dials again." in await browser.follow(await browser.send(f"{CARRIERS}/{own}/enable"))
    await browser.follow(await browser.send(f"{CARRIERS}/{own}/delete"))
    assert (await get(browser.world, "carrier-accounts"))["total"] == 0


async def test_what_is_wrong_stands_at_its_field_and_no_token_is_shown_again(browser: Browser):
    await browser.sign_in()
    wrong = Rejected("credentials", reason=RejectedClass.ACCOUNT, code=20003, status=401)
    browser.world.numbers.failure = wrong
    form = {"name": "Ireland", "sid": SID, "auth_token": TOKEN, "caller_ids": NUMBER}
    answer = await browser.send(CARRIERS, 422, **form)
    assert "The carrier does not take it" in read(answer.text)
    assert 'id="auth_token-error"' in answer.text
    assert SID in answer.text
    assert TOKEN not in answer.text
