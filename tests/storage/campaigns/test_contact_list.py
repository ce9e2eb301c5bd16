"""Contacts with their calls, rejected rows by reason, and when calls ended."""

from policy.model.call import CallStatus, ContactState, Outcome, Refusal
from storage.campaigns import contact_list, contacts, outcome_history, segments
from storage.campaigns.contact_list import ContactFilter
from storage.campaigns.contacts import ContactRow
from storage.database.engine import Database
from storage.tables import Agent, Campaign
from tests.storage import make
from tests.storage.campaigns.test_contacts import add, bad, key, row
from tests.storage.make import later


async def listed(db: Database, campaign: Campaign, wanted: ContactFilter) -> list[int]:
    async with db.read() as session:
        rows = await contact_list.listed(session, campaign.campaign_id, wanted, 0, 10)
        assert len(rows) == await contact_list.count(session, campaign.campaign_id, wanted)
    return [one.contact.row_number for one in rows]


async def called(db: Database, campaign: Campaign, outcomes: dict[int, Outcome]) -> None:
    """Contacts by their ids, and how their calls ended, a minute after each other."""
    for minute, (contact_id, outcome) in enumerate(outcomes.items()):
        agent = Agent(account_id=campaign.account_id, agent_id=campaign.agent_id, name="")
        call = await make.call(
            db,
            agent,
            campaign_id=campaign.campaign_id,
            status=CallStatus.FAILED,
            outcome=outcome,
            completed_time=later(60 * minute + 5),
        )
        async with db.write() as session:
            await contacts.mark_called(session, {contact_id: call.call_id})


async def test_contacts_are_found_by_state_outcome_number_and_name(db: Database):
    campaign = await make.campaign_of_somebody(db)
    spec = [{"endpoint": one, "kind": "phone"} for one in ("+12125550014", "+12025550177")]
    last = row(14, numbers_spec=spec)
    found = await add(db, campaign, row(1, context={"firstName": "Ada"}), bad(2), row(3), last)
    await called(db, campaign, {key(found[2]): Outcome.BUSY})
    assert await listed(db, campaign, ContactFilter()) == [1, 2, 3, 14]
    assert await listed(db, campaign, ContactFilter(state=ContactState.STAGED)) == [1, 14]
    assert await listed(db, campaign, ContactFilter(outcome=Outcome.BUSY)) == [3]
    assert await listed(db, campaign, ContactFilter(outcome=Outcome.FAILED)) == []
    assert await listed(db, campaign, ContactFilter(endpoint_part="50014")) == [14]
    assert await listed(db, campaign, ContactFilter(endpoint_part="50177")) == [14]
    assert await listed(db, campaign, ContactFilter(name="aDa")) == [1]
    async with db.read() as session:
        page = await contact_list.listed(
            session, campaign.campaign_id, ContactFilter(), key(found[1]), 1
        )
    assert [(one.contact.row_number, one.call and one.call.outcome) for one in page] == [
        (3, Outcome.BUSY)
    ]


async def test_rejected_rows_are_counted_by_reason_and_forgotten_up_to_one(db: Database):
    campaign = await make.campaign_of_somebody(db)
    again = ContactRow(3, "+12125550001", error=Refusal("duplicate", "endpoint", "Again."))
    found = await add(db, campaign, row(1), bad(2), again, bad(4))
    async with db.read() as session:
        codes = await contact_list.refusals(session, campaign.campaign_id)
        rows = await contact_list.rejected(session, campaign.campaign_id, 10, without=["duplicate"])
        chosen = await contact_list.rejected(
            session, campaign.campaign_id, 10, ids=[key(found[0]), key(found[3])]
        )
        assert await contact_list.newest(session, campaign.campaign_id) == key(found[3])
    assert list(codes.items()) == [("invalid_number", 2), ("duplicate", 1)]
    assert [one.row_number for one in rows] == [2, 4]
    assert [one.row_number for one in chosen] == [4]
    async with db.write() as session:
        assert await contact_list.forget_rejected(session, campaign.campaign_id, key(found[2])) == 2
    assert await listed(db, campaign, ContactFilter()) == [1, 4]


async def test_as_many_are_counted_by_outcome_as_would_be_called_again(db: Database):
    agent = await make.agent(db, await make.account(db))
    campaign, target = await make.campaign(db, agent), await make.campaign(db, agent)
    found = await add(db, campaign, row(1), row(2), row(3), row(4))
    ended = {key(found[0]): Outcome.BUSY, key(found[1]): Outcome.BUSY}
    await called(db, campaign, {**ended, key(found[2]): Outcome.SUPPRESSED})
    async with db.write() as session:
        await contacts.mark_invalid(session, key(found[3]), "no_consent", "None.")
        counted = await contact_list.ended(session, campaign.campaign_id)
        for outcome, number in counted.items():
            copied = await segments.copy(
                session, campaign.campaign_id, target.campaign_id, outcomes=[outcome]
            )
            assert (outcome, copied) == (outcome, number)
    assert counted == {Outcome.BUSY: 2, Outcome.SUPPRESSED: 2}


async def test_ends_are_counted_by_the_minute(db: Database):
    campaign = await make.campaign_of_somebody(db)
    found = await add(db, campaign, row(1), row(2), row(3))
    await called(db, campaign, {key(one): Outcome.BUSY for one in found[:2]})
    async with db.read() as session:
        ends = await outcome_history.ends(session, campaign.campaign_id)
    begin = later(5).replace(second=0, microsecond=0)
    assert sorted(ends) == [
        (begin, Outcome.BUSY, 1),
        (later(65).replace(second=0, microsecond=0), Outcome.BUSY, 1),
    ]
