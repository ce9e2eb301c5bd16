"""Contacts: staged in bulk, taken in order, each once; copied by outcome and segment."""

from sqlmodel import select

from policy.model.call import CallStatus, ContactState, Outcome, Refusal
from storage.campaigns import contacts, segments
from storage.campaigns.contacts import ContactRow
from storage.contact_numbers import known_people
from storage.database.engine import Database
from storage.tables import Campaign, Contact, ContactNumber
from tests.storage import make
from tests.storage.make import later

SPRINGFIELD = {"city": "Springfield", "age": 42}


def row(number: int, **changes) -> ContactRow:
    return ContactRow(number, f"+1212555{number:04}", **changes)


def bad(number: int) -> ContactRow:
    return ContactRow(number, "12", error=Refusal("invalid_number", "endpoint", "No number."))


def key(contact: Contact) -> int:
    assert contact.contact_id is not None
    return contact.contact_id


async def add(db: Database, campaign: Campaign, *rows: ContactRow) -> list[Contact]:
    async with db.write() as session:
        await contacts.insert_rows(session, campaign.campaign_id, rows)
    return await everybody(db, campaign)


async def everybody(db: Database, campaign: Campaign) -> list[Contact]:
    async with db.read() as session:
        found, _ = await contacts.page(session, campaign.campaign_id, [], 0, 1000)
    return found


async def staged(db: Database, campaign: Campaign, at: float = 0, limit: int = 10) -> list[int]:
    async with db.read() as session:
        found = await contacts.staged(session, campaign.campaign_id, later(at), limit)
    return [contact.row_number for contact in found]


async def test_rows_are_staged_in_order_and_bad_ones_are_kept_with_their_error(db: Database):
    campaign = await make.campaign_of_somebody(db)
    found = await add(db, campaign, row(1, context=SPRINGFIELD, timezone="UTC"), bad(2), row(3))
    assert [contact.row_number for contact in found] == [1, 2, 3]
    assert found[0].context == SPRINGFIELD
    assert (found[1].state, found[1].error_code) == (ContactState.INVALID, "invalid_number")
    assert await staged(db, campaign) == [1, 3]
    assert await staged(db, campaign, limit=1) == [1]
    async with db.read() as session:
        counts = await contacts.counts(session, campaign.campaign_id)
        errors = await contacts.errors(session, campaign.campaign_id, 0, 10)
        known = await known_people(session, campaign.campaign_id, [row(1), bad(2), row(9)])
    assert counts[ContactState.STAGED] == 2
    assert counts[ContactState.INVALID] == 1
    assert counts[ContactState.DROPPED] == 0
    assert [contact.row_number for contact in errors] == [2]
    assert known == {"+12125550001"}


async def test_a_person_is_found_by_all_of_their_numbers_however_those_came_and_went(
    db: Database,
):
    def ada(number: int, *others: int) -> ContactRow:
        spec = [{"endpoint": f"+1212555{n:04}", "kind": "phone"} for n in (number, *others)]
        return row(number, numbers_spec=spec)

    async def known(of: Campaign, *rows: ContactRow) -> set[int]:
        async with db.read() as session:
            found = await known_people(session, of.campaign_id, rows)
        return {int(one[-4:]) for one in found}

    campaign = await make.campaign_of_somebody(db)
    found = await add(db, campaign, ada(1, 11, 12), row(2))
    assert await known(campaign, row(12)) == {1, 11, 12}
    assert await known(campaign, ada(3, 2)) == {2}
    copy = await make.campaign_of_somebody(db)
    async with db.write() as session:
        await segments.copy(session, campaign.campaign_id, copy.campaign_id)
    assert await known(copy, row(11)) == {1, 11, 12}
    async with db.write() as session:
        held = await session.get(Contact, found[0].contact_id)
        assert held is not None
        held.numbers_spec = ada(1, 13).numbers_spec
        session.add(held)
    assert await known(campaign, row(12), row(13)) == {1, 13}
    async with db.write() as session:
        for one in await everybody(db, copy):
            await session.delete(await session.get(Contact, one.contact_id))
    async with db.read() as session:
        kept = (await session.exec(select(ContactNumber.endpoint))).all()
    assert sorted(int(one[-4:]) for one in kept) == [1, 13]


async def test_a_postponed_contact_comes_back_at_its_time_before_the_unseen_ones(db: Database):
    campaign = await make.campaign_of_somebody(db)
    one, two, _ = await add(db, campaign, row(1), row(2), row(3))
    async with db.write() as session:
        await contacts.postpone(session, {key(two): later(60), key(one): later(90)})
    assert await staged(db, campaign) == [3]
    assert await staged(db, campaign, at=60) == [2, 3]
    assert await staged(db, campaign, at=100) == [2, 1, 3]
    async with db.write() as session:
        await contacts.hurry(session, campaign.campaign_id)
    assert await staged(db, campaign) == [1, 2, 3]


async def test_the_next_moment_is_long_past_while_somebody_was_never_looked_at(db: Database):
    campaign = await make.campaign_of_somebody(db)
    one, two = await add(db, campaign, row(1), row(2))
    async with db.write() as session:
        assert await contacts.next_ready(session, campaign.campaign_id) == contacts.LONG_AGO
        await contacts.postpone(session, {key(one): later(90), key(two): later(60)})
        assert await contacts.next_ready(session, campaign.campaign_id) == later(60)
        await contacts.mark_called(session, {key(one): "a", key(two): "b"})
        assert await contacts.next_ready(session, campaign.campaign_id) is None


async def test_a_contact_that_was_called_or_refused_is_not_taken_again(db: Database):
    campaign = await make.campaign_of_somebody(db)
    one, two, _ = await add(db, campaign, row(1), row(2), row(3))
    async with db.write() as session:
        await contacts.mark_called(session, {key(one): "call"})
        await contacts.mark_invalid(session, key(two), "needs_timezone", "Unknown zone.")
    assert await staged(db, campaign) == [3]
    found = await everybody(db, campaign)
    assert (found[0].state, found[0].call_id) == (ContactState.CALLED, "call")
    assert (found[1].state, found[1].error) == (ContactState.INVALID, "Unknown zone.")


async def test_starting_with_a_segment_drops_everybody_else(db: Database):
    campaign = await make.campaign_of_somebody(db)
    await add(
        db,
        campaign,
        row(1, context=SPRINGFIELD),
        row(2, context={"city": "Shelbyville"}),
        row(3),
        row(4, context={"city": "Springfield", "age": "7"}),
        row(5, context={"city": None}),
    )
    async with db.write() as session:
        segment = {"city": "Springfield"}
        dropped = await segments.drop_staged(
            session, campaign.campaign_id, segments.NOT_IN_SEGMENT, unless=segment
        )
    assert dropped == 3
    assert await staged(db, campaign) == [1, 4]
    assert {one.error_code for one in await everybody(db, campaign)} == {None, "segment"}


async def test_a_segment_of_two_columns_holds_where_both_do_whatever_their_type(db: Database):
    campaign = await make.campaign_of_somebody(db)
    await add(
        db, campaign, row(1, context=SPRINGFIELD), row(2, context={"city": "Springfield", "age": 7})
    )
    async with db.write() as session:
        segment = {"city": "Springfield", "age": "42"}
        await segments.drop_staged(session, campaign.campaign_id, "segment", unless=segment)
    assert await staged(db, campaign) == [1]


async def test_a_copy_has_those_whose_call_ended_as_chosen(db: Database):
    agent = await make.agent(db, await make.account(db))
    source = await make.campaign(db, agent)
    target = await make.campaign(db, agent)
    found = await add(
        db, source, row(1, context=SPRINGFIELD, client_token="t"), row(2), row(3), bad(4), row(5)
    )
    outcomes = [Outcome.BUSY, Outcome.NO_ANSWER, Outcome.COMPLETED]
    for contact, outcome in zip(found, outcomes, strict=False):
        call = await make.call(
            db, agent, campaign_id=source.campaign_id, outcome=outcome, status=CallStatus.FAILED
        )
        async with db.write() as session:
            await contacts.mark_called(session, {key(contact): call.call_id})
    async with db.write() as session:
        count = await segments.copy(
            session,
            source.campaign_id,
            target.campaign_id,
            outcomes=[Outcome.BUSY, Outcome.NO_ANSWER],
        )
    copied = await everybody(db, target)
    assert count == 2
    assert [one.row_number for one in copied] == [1, 2]
    assert (copied[0].context, copied[0].client_token) == (SPRINGFIELD, "t")
    assert {one.state for one in copied} == {ContactState.STAGED}
    assert {one.call_id for one in copied} == {None}


async def test_a_whole_copy_leaves_out_invalid_rows_and_other_segments(db: Database):
    agent = await make.agent(db, await make.account(db))
    source, target = await make.campaign(db, agent), await make.campaign(db, agent)
    await add(db, source, row(1, context=SPRINGFIELD), bad(2), row(3))
    async with db.write() as session:
        ids = (source.campaign_id, target.campaign_id)
        assert await segments.copy(session, *ids, segment={"city": "Springfield"}) == 1
        assert await segments.copy(session, *ids) == 2
    assert [one.row_number for one in await everybody(db, target)] == [1, 1, 3]


async def test_a_scan_goes_through_staged_contacts_page_by_page(db: Database):
    campaign = await make.campaign_of_somebody(db)
    await add(db, campaign, *(row(number) for number in range(1, 6)), bad(6))
    seen, after = [], 0
    async with db.read() as session:
        while page := await contacts.scan(session, campaign.campaign_id, after, 2):
            seen += [one.row_number for one in page]
            after = page[-1].contact_id
        assert page == []
    assert seen == [1, 2, 3, 4, 5]
