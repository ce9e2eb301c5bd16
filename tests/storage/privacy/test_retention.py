"""What calls said and heard is forgotten in time; that they took place is not."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from policy.model.call import ContactState, Outcome
from storage.attempts import attempts
from storage.database.engine import Database
from storage.database.postgresql import ConnectionOptions, TimeOuts
from storage.privacy import retention
from storage.tables import Account, Attempt, Call, Contact
from tests.storage import make
from tests.storage.make import CALLEE, NOW, later

DAY = timedelta(days=1)
SAID: dict[str, Any] = {
    "context": {"name": "Ada"},
    "additional_data": {"crm": "C-1"},
    "result": {"transcript": []},
    "recipient_spec": {"postalCode": "94103"},
    "voicemail_spec": {"action": "leave_message", "message": "Hello Ada."},
    "consent_spec": {"tier": "express", "method": "web form", "evidence": "signed by Ada"},
}
RECORDED = {"recording_url": "https://r.test", "recording_sid": "RE1"}


async def ended(db: Database, at: datetime, **columns: Any) -> Call:
    call = await make.call_of_somebody(db, **{**SAID, **columns})
    attempt = await make.sent(db, call)
    async with db.write() as session:
        row = await session.get(Attempt, attempt.attempt_id)
        assert row is not None
        for name, value in RECORDED.items():
            setattr(row, name, value)
    await make.decide(db, call.call_id, make.end(Outcome.CONFIRMED), at)
    return call


async def forget(db: Database, before: datetime = NOW, limit: int = 10) -> int:
    async with db.write() as session:
        return await retention.forget(session, before, limit)


async def test_contents_go_and_counts_times_and_proofs_stay(db: Database):
    call = await ended(db, NOW - DAY)
    assert await forget(db) == 1
    kept = await make.call_seen(db, call.call_id)
    assert (kept.context, kept.additional_data, kept.result) == ({}, {}, None)
    assert (kept.recipient_spec, kept.voicemail_spec) == ({}, {})
    assert kept.consent_spec == {"tier": "express", "method": "web form", "evidence": None}
    assert (kept.endpoint, kept.outcome) == (CALLEE, Outcome.CONFIRMED)
    assert kept.completed_time == NOW - DAY
    async with db.read() as session:
        [attempt] = await attempts.of_call(session, call.call_id)
    assert (attempt.recording_url, attempt.recording_sid) == (None, None)
    assert (attempt.to_endpoint, attempt.carrier_sid is not None) == (CALLEE, True)


@pytest.mark.parametrize(("at", "is_kept"), [(NOW, True), (later(1), True), (later(-1), False)])
async def test_only_what_ended_long_enough_ago_is_forgotten(
    db: Database, at: datetime, is_kept: bool
):
    call = await ended(db, at)
    assert await forget(db) == (0 if is_kept else 1)
    assert (await make.call_seen(db, call.call_id)).context == ({"name": "Ada"} if is_kept else {})


async def test_a_call_that_has_not_ended_is_kept_however_old(db: Database):
    call = await make.call_of_somebody(db, at=NOW - 900 * DAY, **SAID)
    assert await forget(db) == 0
    assert (await make.call_seen(db, call.call_id)).context == {"name": "Ada"}


async def test_it_goes_on_a_part_at_a_time_the_oldest_first_and_ends(db: Database):
    calls = [await ended(db, NOW - n * DAY) for n in (1, 3, 2)]
    assert await forget(db, limit=2) == 2
    left = [(await make.call_seen(db, one.call_id)).context for one in calls]
    assert left == [{"name": "Ada"}, {}, {}]
    assert await forget(db, limit=2) == 1
    assert await forget(db, limit=2) == 0


async def test_the_list_that_a_call_was_made_from_forgets_it_too(db: Database):
    agent = await make.agent(db, await make.account(db))
    campaign = await make.campaign(db, agent)
    said: dict[str, Any] = {"endpoint": CALLEE, "context": {"name": "Ada"}}
    said["campaign_id"] = campaign.campaign_id
    # The second goes to another number of the person than the row begins with.
    spec = [{"endpoint": one, "kind": "phone"} for one in (CALLEE, "+12125550183")]
    at_second: dict[str, Any] = {"endpoint": "+12125550183", "numbers_spec": spec}
    calls = [
        await ended(db, NOW - DAY, campaign_id=campaign.campaign_id, **more)
        for more in ({}, at_second)
    ]
    rows = [
        Contact(row_number=n, state=ContactState.CALLED, call_id=call.call_id, **said)
        for n, call in enumerate(calls)
    ]
    rows.append(Contact(row_number=2, **said))
    async with db.write() as session:
        session.add_all(rows)
    await forget(db)
    assert [row.context for row in await seen(db, rows)] == [{}, {}, {"name": "Ada"}]


async def listed(db: Database, at: datetime | None, *states: ContactState) -> list[Contact]:
    """Contacts of a campaign that ended at some time, or still runs."""
    campaign = await make.campaign_of_somebody(db, completed_time=at)
    said: dict[str, Any] = {"context": {"name": "Ada"}, "client_token": "C-1", "endpoint": CALLEE}
    rows = [
        Contact(campaign_id=campaign.campaign_id, row_number=n, state=state, **said)
        for n, state in enumerate(states)
    ]
    async with db.write() as session:
        session.add_all(rows)
    return rows


async def forget_contacts(db: Database, limit: int = 10) -> int:
    async with db.write() as session:
        return await retention.forget_contacts(session, NOW, limit)


async def seen(db: Database, rows: list[Contact]) -> list[Contact]:
    async with db.read() as session:
        found = [await session.get(Contact, row.contact_id) for row in rows]
    return [row for row in found if row is not None]


async def test_contacts_of_a_campaign_that_is_over_are_emptied_also_if_never_called(db: Database):
    invalid, dropped = ContactState.INVALID, ContactState.DROPPED
    rows = await listed(db, NOW - DAY, ContactState.CALLED, invalid, dropped)
    assert await forget_contacts(db) == 3
    found = await seen(db, rows)
    assert [(one.context, one.client_token) for one in found] == [({}, None)] * 3
    assert [one.endpoint for one in found] == [CALLEE, None, CALLEE]
    assert await forget_contacts(db) == 0


@pytest.mark.parametrize("at", [None, NOW, later(1)])
async def test_contacts_of_other_campaigns_are_kept(db: Database, at: datetime | None):
    rows = await listed(db, at, ContactState.STAGED)
    assert await forget_contacts(db) == 0
    assert [one.context for one in await seen(db, rows)] == [{"name": "Ada"}]


async def test_a_long_list_is_emptied_a_part_at_a_time(db: Database):
    rows = await listed(db, NOW - DAY, *[ContactState.CALLED] * 3)
    assert [await forget_contacts(db, limit=2) for _ in range(3)] == [2, 1, 0]
    assert [one.context for one in await seen(db, rows)] == [{}] * 3


async def test_a_page_under_way_holds_up_no_call_of_the_same_account(db: Database) -> None:
    """On SQLite whoever writes has the file for a moment; there a page is short."""
    if db.dialect == "sqlite":
        return
    old = await ended(db, NOW - DAY)
    agent = await make.agent(db, await owner_of(db, old))
    waiting = await make.call(db, agent)
    hurried = Database(
        db.url.render_as_string(hide_password=False),
        ConnectionOptions(time_outs=TimeOuts(lock=0.5)),
    )
    async with db.write() as session:
        assert await retention.forget(session, NOW, 10) == 1
        # The page is not committed yet: others submit, decide, dial and end all the same.
        await make.call(hurried, agent)
        await make.sent(hurried, waiting)
        await make.decide(hurried, waiting.call_id, make.end(Outcome.CONFIRMED), NOW)
    await hurried.close()
    assert (await make.call_seen(db, old.call_id)).context == {}


async def owner_of(db: Database, call: Call) -> Account:
    async with db.read() as session:
        found = await session.get(Account, call.account_id)
    assert found is not None
    return found


async def test_of_a_contact_with_nothing_but_several_numbers_the_further_ones_are_forgotten(
    db: Database,
):
    [row] = await listed(db, NOW - DAY, ContactState.DROPPED)
    spec = [{"endpoint": one, "kind": "phone"} for one in (CALLEE, "+12125550183")]
    async with db.write() as session:
        held = await session.get_one(Contact, row.contact_id)
        held.context, held.client_token, held.numbers_spec = {}, None, spec
        session.add(held)
    assert await forget_contacts(db) == 1
    assert [one.numbers_spec for one in await seen(db, [row])] == [None]
    assert await forget_contacts(db) == 0
