"""What is on file about the people at some endpoints, in one query."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from policy.model.call import AttemptResult, AttemptState
from policy.model.person import NOBODY, PastDial, Person, ScopeKind, Scrub
from policy.model.purposes import ConsentTier
from policy.rules import STANDARD
from storage.compliance import suppressions
from storage.database.engine import Database
from storage.database.pagination import BATCH
from storage.facts import person_records
from storage.facts.gather import FactGatherer
from storage.number_hash import Hasher
from storage.tables import Attempt, Call, Consent, Suppression
from tests.statements import statements
from tests.storage import make
from tests.storage.make import CALLEE, CALLER, NOW

OTHER = "+14155550102"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NO_KEY = Hasher()


async def add(db: Database, *rows: Any) -> None:
    async with db.write() as session:
        for row in rows:
            session.add(row)


async def person(db: Database, account_id: str, hasher: Hasher = NO_KEY) -> Person:
    async with db.read() as session:
        found = await person_records.about(session, account_id, CALLEE, NOW - 30 * DAY, hasher)
    return found.person


def entry(account_id: str, **changes: Any) -> Suppression:
    values = {"endpoint": CALLEE, "source": "api", "created_time": NOW, **changes}
    return Suppression(account_id=account_id, **values)


def consent(account_id: str, **changes: Any) -> Consent:
    values = {"endpoint": CALLEE, "tier": ConsentTier.EXPRESS, "method": "tests", **changes}
    return Consent(account_id=account_id, created_time=NOW, granted_time=NOW, **values)


def dial(call: Call, number: int, at: datetime, **changes: Any) -> Attempt:
    values = {"to_endpoint": call.endpoint, "from_endpoint": CALLER, **changes}
    return Attempt(
        call_id=call.call_id,
        account_id=call.account_id,
        number=number,
        token=f"{call.call_id}:{number}",
        dialed_at=at,
        **values,
    )


async def test_of_a_stranger_nothing_is_known(db: Database):
    account = await make.account(db)
    assert await person(db, account.account_id) == NOBODY


async def test_everything_about_a_person_is_told_and_nothing_about_others(db: Database):
    mine, theirs = await make.account(db), await make.account(db)
    account_id = mine.account_id
    held = entry(account_id, scope=ScopeKind.AGENT, scope_of="a-1", expires_time=NOW + DAY)
    given = consent(account_id, tier=ConsentTier.WRITTEN, expires_time=NOW + DAY)
    revoked = consent(account_id, revoked_time=NOW, scope=ScopeKind.PURPOSE, scope_of="survey")
    await add(
        db,
        held,
        entry(account_id, removed_time=NOW),
        entry(account_id, endpoint=OTHER),
        entry(theirs.account_id),
        given,
        revoked,
        consent(account_id, endpoint=OTHER),
        consent(theirs.account_id),
    )
    found = await person(db, account_id)
    [suppression] = found.suppressions
    assert (suppression.suppression_id, suppression.source) == (held.suppression_id, "api")
    assert (suppression.scope.kind, suppression.scope.of) == (ScopeKind.AGENT, "a-1")
    assert suppression.expires_at == NOW + DAY
    consents = {one.consent_id: one for one in found.consents}
    assert consents.keys() == {given.consent_id, revoked.consent_id}
    written = consents[given.consent_id]
    assert (written.tier, written.granted_at) == (ConsentTier.WRITTEN, NOW)
    assert (written.expires_at, written.revoked_at) == (NOW + DAY, None)
    assert consents[revoked.consent_id].revoked_at == NOW
    assert consents[revoked.consent_id].scope.of == "survey"


async def test_dials_of_all_agents_of_the_account_count_as_far_back_as_caps_reach(db: Database):
    account = await make.account(db)
    one = await make.call(db, await make.agent(db, account))
    two = await make.call(db, await make.agent(db, account))
    elsewhere = await make.call(db, await make.agent(db, account), endpoint=OTHER)
    stranger = await make.call_of_somebody(db)
    ended = {"settled_at": NOW, "state": AttemptState.ENDED}
    await add(
        db,
        dial(one, 1, NOW - 31 * DAY, result=AttemptResult.ANSWERED, **ended),
        dial(one, 2, NOW - 3 * DAY, result=AttemptResult.ANSWERED, subject="debt", **ended),
        dial(one, 3, NOW - 2 * DAY, result=AttemptResult.NOT_SENT, **ended),
        dial(two, 1, NOW - 2 * DAY, result=AttemptResult.THROTTLED, **ended),
        dial(two, 2, NOW - DAY, result=AttemptResult.VOICEMAIL, **ended),
        dial(two, 3, NOW, state=AttemptState.ANSWERED),
        dial(two, 4, NOW, state=AttemptState.SENDING),
        dial(elsewhere, 1, NOW),
        dial(stranger, 1, NOW),
    )
    found = await person(db, account.account_id)
    assert sorted(found.dials, key=lambda one: (one.at, one.number)) == [
        PastDial(one.call_id, 2, NOW - 3 * DAY, talked=True, subject="debt"),
        PastDial(two.call_id, 2, NOW - DAY),
        PastDial(two.call_id, 3, NOW, talked=True, is_live=True),
        PastDial(two.call_id, 4, NOW, is_live=True),
    ]


async def test_a_calls_own_attempts_are_told_however_old(db: Database):
    call = await make.call_of_somebody(db)
    busy = {"result": AttemptResult.BUSY, "settled_at": NOW - 90 * DAY}
    await add(db, dial(call, 1, NOW - 91 * DAY, **busy), dial(call, 2, NOW))
    async with db.read() as session:
        found = await person_records.about(
            session, call.account_id, CALLEE, NOW - DAY, NO_KEY, call_id=call.call_id
        )
    assert [(one.number, one.result) for one in found.attempts] == [(1, AttemptResult.BUSY)]


# -- registries


async def scrub(db: Database, account_id: str, registry: str, *endpoints: str) -> None:
    async with db.write() as session:
        await suppressions.import_registry(
            session, account_id, registry, endpoints, NOW - DAY, NOW, keep=False
        )


async def test_every_registry_is_told_with_its_age_and_whether_it_lists_the_number(db: Database):
    account = await make.account(db)
    await scrub(db, account.account_id, "us.dnc", CALLEE)
    await scrub(db, account.account_id, "gb.tps", OTHER)
    await scrub(db, (await make.account(db)).account_id, "au.dncr", CALLEE)
    found = await person(db, account.account_id)
    assert sorted(found.scrubs, key=lambda one: one.registry) == [
        Scrub("gb.tps", NOW - DAY, False),
        Scrub("us.dnc", NOW - DAY, True),
    ]
    async with db.read() as session:
        stranger = await person_records.stranger(session, account.account_id)
    assert {(one.registry, one.lists) for one in stranger.scrubs} == {
        ("gb.tps", False),
        ("us.dnc", False),
    }


# -- hashes


@pytest.mark.parametrize(("key", "is_found"), [("secret", True), ("another", False), ("", False)])
async def test_a_tombstone_is_found_by_the_hash_of_its_key(db: Database, key: str, is_found: bool):
    account = await make.account(db)
    hashed = Hasher.of("secret").hash_of(CALLEE)
    row = entry(account.account_id, endpoint=None, endpoint_hash=hashed, source="erasure")
    await add(db, row)
    found = await person(db, account.account_id, Hasher.of(key))
    assert [one.source for one in found.suppressions] == (["erasure"] if is_found else [])
    async with db.read() as session:
        many = await person_records.about_many(
            session, account.account_id, [CALLEE, OTHER], NOW, Hasher.of(key)
        )
    assert many.keys() == ({CALLEE} if is_found else set())


# -- many at once


async def test_many_people_are_told_as_each_of_them_alone(db: Database):
    account = await make.account(db)
    account_id = account.account_id
    call = await make.call(db, await make.agent(db, account))
    hashed = Hasher.of("secret").hash_of("+14155550103")
    await add(
        db,
        entry(account_id),
        entry(account_id, endpoint=None, endpoint_hash=hashed),
        consent(account_id, endpoint=OTHER),
        dial(call, 1, NOW),
    )
    await scrub(db, account_id, "us.dnc", OTHER)
    asked = [CALLEE, OTHER, "+14155550103", "+14155550104"]
    hasher = Hasher.of("secret")
    async with db.read() as session:
        many = await person_records.about_many(session, account_id, asked, NOW - DAY, hasher)
        alone = {
            one: (await person_records.about(session, account_id, one, NOW - DAY, hasher)).person
            for one in asked
        }
        stranger = await person_records.stranger(session, account_id)
    assert many.keys() == set(asked[:3])
    assert {one: many.get(one, stranger) for one in asked} == alone


async def test_a_batch_of_people_is_one_query(db: Database):
    account = await make.account(db)
    numbers = [f"+1415555{n:04}" for n in range(2 * BATCH + 1)]
    for asked, queries in ((numbers[:BATCH], 1), (numbers, 3)):
        async with db.read() as session:
            with statements(db) as sent:
                await person_records.about_many(
                    session, account.account_id, asked, NOW, Hasher.of("k")
                )
        assert len([one for one in sent if "SELECT" in one.text]) == queries


async def test_all_that_is_known_of_a_call_is_two_queries(db: Database):
    call = await make.call_of_somebody(db)
    gatherer = FactGatherer(hasher=Hasher.of("k"))
    async with db.read() as session:
        row = await session.get(Call, call.call_id)
        assert row is not None
        with statements(db) as sent:
            await gatherer.gather(session, row, NOW)
    assert len([one for one in sent if "SELECT" in one.text]) == 2


@pytest.mark.parametrize(("at", "lines"), [(NOW - 6 * HOUR, 0), (NOW - HOUR, 1)])
async def test_a_leg_of_whose_end_nobody_told_does_not_hold_the_line_for_ever(
    db: Database, at: datetime, lines: int
):
    spec = [{"endpoint": one, "kind": "phone"} for one in (OTHER, CALLEE)]
    call = await make.call_of_somebody(db, endpoint=OTHER, numbers_spec=spec)
    settled = {"settled_at": at + HOUR / 2, "result": AttemptResult.UNKNOWN}
    await add(db, dial(call, 1, at, state=AttemptState.SENT, **settled))
    async with db.read() as session:
        people = await FactGatherer().people(
            session, call.account_id, {OTHER, CALLEE}, STANDARD, NOW
        )
    assert len(people.of(CALLEE).on_line) == lines
    assert sum(one.is_live for one in people.of(OTHER).dials) == lines
