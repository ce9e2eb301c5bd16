"""Numbers of an account as Twilio lists them, by its own package against the simulator."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from simulator.app import create_app
from simulator.config import SimulatorConfig
from simulator.state.accounts import DEFAULT_NUMBERS
from telephony.errors import Ambiguous, Rejected, RejectedClass, Unreachable
from telephony.port import CarrierNumber, NumberKind
from telephony.twilio.numbers import TwilioNumbers
from tests.simulator.harness import serving

SID, OTHER, TOKEN, FORMER = "AC" + "a" * 32, "AC" + "b" * 32, "the-token-of-now", "the-one-before"
FIRST, SECOND, THIRD = "+12025550100", "+12025550101", "+12025550102"
NUMBERS = [
    {"number": FIRST, "name": "Front desk", "shakenStir": "twilio-approved"},
    {"number": SECOND, "voice": False, "callerName": "in-review"},
    {"number": THIRD, "kind": "verified"},
]


@pytest.fixture
async def url() -> AsyncIterator[str]:
    config = SimulatorConfig(account_sid=SID, auth_token=TOKEN)
    async with serving(create_app(config)) as root:
        yield root


async def put(url: str, path: str, body: Any) -> None:
    async with httpx2.AsyncClient(base_url=url) as http:
        assert (await http.put(f"/_sim/{path}", json=body)).status_code == 200


async def asked(url: str, sid: str = SID, token: str = TOKEN) -> list[CarrierNumber]:
    numbers = TwilioNumbers(sid, token, api_url=url)
    try:
        await numbers.check()
        return list(await numbers.numbers())
    finally:
        await numbers.close()


async def test_owned_and_verified_numbers_are_listed_with_what_the_carrier_tells(url: str):
    await put(url, f"accounts/{SID}", {"numbers": NUMBERS})
    first, second, third = await asked(url)
    assert (first.number, first.kind, first.voice) == (FIRST, NumberKind.OWNED, True)
    assert (first.name, first.shaken_stir, first.caller_name) == (
        "Front desk",
        "twilio-approved",
        None,
    )
    assert (second.voice, second.shaken_stir, second.caller_name) == (False, None, "in-review")
    assert (third.number, third.kind, third.shaken_stir) == (THIRD, NumberKind.VERIFIED, None)
    assert FIRST not in repr(first)


async def test_a_list_is_read_over_its_pages_and_one_that_does_not_end_is_not_believed(url: str):
    many = [{"number": f"+1202{555_0000 + index}"} for index in range(1001)]
    await put(url, f"accounts/{SID}", {"numbers": many})
    assert len(await asked(url)) == len(many)
    await put(url, "faults", {"numberLists": "endless"})
    with pytest.raises(Ambiguous):
        await asked(url)


async def test_registrations_that_take_too_long_are_not_waited_for(
    url: str, monkeypatch: pytest.MonkeyPatch
):
    async def never(_: TwilioNumbers) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(TwilioNumbers, "_registered", never)
    monkeypatch.setattr("telephony.twilio.numbers.REGISTRATION_SECONDS", 0.2)
    await put(url, f"accounts/{SID}", {"numbers": NUMBERS})
    first, *_ = await asked(url)
    assert (first.number, first.shaken_stir) == (FIRST, None)


async def test_another_account_has_its_own_numbers_and_any_of_its_tokens_opens_it(url: str):
    await put(url, f"accounts/{OTHER}", {"tokens": [TOKEN, FORMER], "numbers": [{"number": FIRST}]})
    assert [one.number for one in await asked(url)] == list(DEFAULT_NUMBERS)
    for token in (TOKEN, FORMER):
        assert [one.number for one in await asked(url, OTHER, token)] == [FIRST]


@pytest.mark.parametrize("account", [{"status": "suspended"}, {"status": "closed"}])
async def test_an_account_that_cannot_call_is_refused(url: str, account: dict[str, Any]):
    await put(url, f"accounts/{SID}", account)
    with pytest.raises(Rejected) as refused:
        await asked(url)
    assert refused.value.reason is RejectedClass.ACCOUNT


async def test_a_wrong_token_is_told_from_a_carrier_that_does_not_answer(url: str):
    with pytest.raises(Rejected) as refused:
        await asked(url, token="another-token-of-it")
    assert (refused.value.reason, refused.value.code) == (RejectedClass.ACCOUNT, 20003)
    for fault in ("500", "drop"):
        await put(url, "faults", {"numberLists": fault})
        with pytest.raises(Ambiguous):
            await asked(url)
    with pytest.raises(Unreachable):
        await asked("http://127.0.0.1:9")
