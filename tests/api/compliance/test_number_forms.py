"""Old and new forms of a number are one person, in everything that is on file."""

from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import update
from sqlmodel import col, select

from policy.model.person import ScopeKind
from policy.model.purposes import ConsentTier
from settings import Settings
from storage.tables import Account, Call, Consent, Suppression
from tests.api.campaigns.test_campaigns import made
from tests.api.files.test_uploads import upload_to
from tests.api.worker import Worker, get
from tests.api.world import AUTH_TOKEN, KEY, MONDAY, PUBLIC_URL, World

#: What may be on file, and what is asked for; the first is how it was written before a change.
PAIRS = [
    ("+5491123456789", "+541123456789"),
    ("+541123456789", "+5491123456789"),
    ("+5215512345678", "+525512345678"),
    ("+551198765432", "+5511998765432"),
    ("+22507123456", "+2250707123456"),
]
each_pair = pytest.mark.parametrize(("old", "new"), PAIRS)


@pytest.fixture
def settings() -> Settings:
    return Settings(
        public_url=PUBLIC_URL,
        bootstrap_api_key=SecretStr(KEY),
        twilio_auth_token=SecretStr(AUTH_TOKEN),
        privacy_key=SecretStr("a secret of this installation"),
    )


async def account_id(world: World) -> str:
    async with world.db.read() as session:
        return (await session.exec(select(Account.account_id))).one()


async def stored(world: World, row: Any) -> None:
    """As an older version left it: whatever the form, it was never made plain."""
    async with world.db.write() as session:
        session.add(row)


@each_pair
async def test_an_entry_under_one_form_forbids_calls_under_the_other(
    world: World, old: str, new: str
):
    entry = Suppression(
        account_id=await account_id(world),
        endpoint=old,
        scope=ScopeKind.ALL,
        source="import",
        created_time=MONDAY,
    )
    await stored(world, entry)
    assert await world.refusal(endpoint=new) == ("suppressed", "endpoint")
    body = {"calls": [await world.body(endpoint=new)]}
    (result,) = (await world.post("/api/v1/calls/bulk", body, 207))["results"]
    assert result["error"]["code"] == "suppressed"
    found = (await get(world, "suppressions", endpoint=new))["suppressions"]
    assert [one["endpoint"] for one in found] == [old]


@each_pair
async def test_a_second_call_under_the_other_form_is_a_duplicate(world: World, old: str, new: str):
    agent = await world.agent()
    first = await world.call(agentId=agent, endpoint=new, recipient={"timezone": "UTC"})
    async with world.db.write() as session:
        await session.exec(update(Call).where(col(Call.call_id) == first).values(endpoint=old))
    assert await world.refusal(agentId=agent, endpoint=new) == ("duplicate", "endpoint")
    rows = [{"agentId": agent, "endpoint": new}, {"agentId": agent, "endpoint": "+12125550177"}]
    found = await world.post("/api/v1/calls/bulk", {"calls": rows}, 207)
    assert [one["status"] for one in found["results"]] == ["rejected", "accepted"]


async def test_of_two_rows_with_two_forms_the_second_is_a_repetition(world: World):
    agent = await world.agent()
    rows = [{"agentId": agent, "endpoint": text} for text in ("+5491123456789", "+541123456789")]
    found = await world.post("/api/v1/calls/bulk", {"calls": rows}, 207)
    assert found["results"][1]["error"]["code"] == "duplicate_in_request"
    campaign = await made(world, contacts=[{"endpoint": row["endpoint"]} for row in rows])
    assert campaign["contacts"]["errors"][0]["code"] == "duplicate"


@each_pair
async def test_consent_is_found_under_every_form(world: World, old: str, new: str):
    row = Consent(
        account_id=await account_id(world),
        endpoint=old,
        tier=ConsentTier.EXPRESS,
        method="web form",
        created_time=MONDAY,
        granted_time=MONDAY,
    )
    await stored(world, row)
    (found,) = (await get(world, "consents", endpoint=new))["consents"]
    revoked = await world.post(
        f"/api/v1/consents/{found['consentId']}/revoke", {"method": "said so", "scope": "all"}, 200
    )
    assert revoked["revokedTime"] is not None
    assert await world.refusal(endpoint=new) == ("suppressed", "endpoint")


@each_pair
async def test_an_erasure_forgets_every_form_and_forbids_all(
    world: World, worker: Worker, old: str, new: str
):
    first = await world.call(endpoint=new, recipient={"timezone": "UTC"})
    async with world.db.write() as session:
        await session.exec(update(Call).where(col(Call.call_id) == first).values(endpoint=old))
    on_file = (await get(world, "privacy/export", endpoint=new))["calls"]
    assert [one["callId"] for one in on_file] == [first]
    await world.post("/api/v1/privacy/erase", {"endpoint": new}, 200)
    assert (await world.view(first))["endpoint"].startswith("erased:")
    assert len((await get(world, "privacy/export", endpoint=new))["erased"]) == 1
    assert await world.refusal(endpoint=new) == ("suppressed", "endpoint")
    assert await world.refusal(endpoint=old) == ("suppressed", "endpoint")


async def test_a_row_that_named_two_numbers_is_forgotten_with_either(world: World, worker: Worker):
    table = b"phone,name\n390612345,Ada\n+39 02 1234567,Bob\n"
    campaign = await made(world, contacts=[])
    loaded = await upload_to(world, campaign, table, defaultCountry="IT")
    assert "+390612345" in loaded["errors"][0]["message"]
    erased = await world.post("/api/v1/privacy/erase", {"endpoint": "+390612345"}, 200)
    assert erased["counts"]["contacts"] == 1
    found = (await get(world, f"campaigns/{campaign['campaignId']}/contacts"))["contacts"]
    assert "390612345" not in str(found)
    assert [one["context"] for one in found] == [{}, {"name": "Bob"}]
