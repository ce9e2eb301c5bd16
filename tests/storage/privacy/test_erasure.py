"""Forgetting a person leaves counts and a tombstone, and no number in any table."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from policy.model.call import ContactState, Outcome
from policy.model.person import Review, ScopeKind
from policy.model.purposes import ConsentTier
from storage.call_lists import call_counts
from storage.call_lists.filters import CallFilter
from storage.compliance import suppressions
from storage.database.engine import Database
from storage.facts import person_records
from storage.number_hash import Hasher, NoPrivacyKey, OtherPrivacyKey
from storage.privacy import erasure, subject_access
from storage.privacy.erasure import foreign_key_in_use, pseudonym
from storage.tables import (
    Account,
    Attempt,
    Call,
    Consent,
    Contact,
    Erasure,
    HashKey,
    IdempotencyKey,
    Inbound,
    Suppression,
)
from tests.storage import make
from tests.storage.make import CALLEE, CALLER, NOW, later

KEY = Hasher.of("secret")
OTHER = "+14155550102"
SECRETS = [
    CALLEE[1:],
    "Lovelace",
    "form-1017",
    "debt-77",
    "by post",
    "row-77",
    "REC77",
    "94105-7",
    "86420",
]


async def everything(db: Database) -> str:
    found: list[str] = []
    async with db.read() as session:
        for table in Call.metadata.sorted_tables:
            rows = await session.exec(text(f"SELECT * FROM {table.name}"))  # type: ignore[call-overload]
            found += [repr(row) for row in rows.all()]
    return "\n".join(found)


async def remember(db: Database, account: Account, endpoint: str = CALLEE) -> Call:
    """A person who is known in every table."""
    agent = await make.agent(db, account)
    campaign = await make.campaign(db, agent)
    call = await make.call(
        db,
        agent,
        campaign_id=campaign.campaign_id,
        endpoint=endpoint,
        extension="86420",
        context={"name": "Lovelace"},
        additional_data={"name": "Lovelace"},
        result={"summary": "Lovelace"},
        recipient_spec={"postalCode": "94105-7"},
        voicemail_spec={"action": "leave_message", "message": "Dear Mrs. Lovelace"},
        consent_spec={"tier": "express", "method": "form", "evidence": "form-1017"},
        subject="debt-77",
    )
    attempt = await make.sent(db, call)
    await make.decide(db, call.call_id, make.end(Outcome.CONFIRMED))
    owner: dict[str, Any] = {"account_id": account.account_id}
    async with db.write() as session:
        row = await session.get(Attempt, attempt.attempt_id)
        assert row is not None
        row.recording_url = row.recording_sid = "REC77"
        common: dict[str, Any] = {**owner, "endpoint": endpoint, "created_time": NOW}
        given: dict[str, Any] = {"tier": ConsentTier.EXPRESS, "method": "form", "granted_time": NOW}
        letter = {"method": "letter", "scope": "this", "reason": "by post"}
        session.add(Consent(**common, **given, evidence="form-1017"))
        session.add(Consent(**common, **given, revoked_time=NOW, revocation=letter))
        session.add(Suppression(**common, source="api", reason="by post", expires_time=later(1)))
        session.add(
            Contact(
                campaign_id=campaign.campaign_id,
                row_number=1,
                endpoint=endpoint,
                extension="86420",
                context={"name": "Lovelace"},
                client_token="row-77",
            )
        )
        session.add(
            Inbound(
                **owner,
                kind="call",
                carrier_sid=f"CA1:{account.account_id}:{endpoint}",
                from_endpoint=endpoint,
                to_endpoint=CALLER,
                at=NOW,
                review=Review.PENDING,
                text="Lovelace: leave me alone",
                holds=True,
            )
        )
        session.add(
            IdempotencyKey(
                **owner,
                key=f"k{endpoint[-1]}",
                body_sha256="0",
                status_code=202,
                response={"endpoint": endpoint, "context": {"name": "Lovelace"}},
                created_time=NOW,
            )
        )
        await suppressions.import_registry(
            session, account.account_id, "us.dnc", [endpoint], NOW, NOW, keep=True
        )
    return call


async def erase(db: Database, account: Account, hasher: Hasher = KEY) -> Erasure:
    async with db.write() as session:
        return await erasure.erase(session, account.account_id, CALLEE, hasher, "tests", NOW)


async def test_no_table_knows_the_person_any_more(db: Database):
    account = await make.account(db)
    call = await remember(db, account)
    # The sid names no person; here only, it holds the number.
    async with db.write() as session:
        row = (await session.exec(select(Inbound))).one()
        row.carrier_sid = "CA1"
    before = await everything(db)
    assert [secret for secret in SECRETS if secret not in before] == []
    done = await erase(db, account)
    after = await everything(db)
    assert [secret for secret in SECRETS if secret in after] == []
    assert done.counts == {"calls": 1, "attempts": 1, "contacts": 1, "consents": 2, "inbound": 1}
    assert (done.endpoint_hash, done.by) == (KEY.hash_of(CALLEE), "tests")
    seen = await make.call_seen(db, call.call_id)
    assert seen.endpoint == pseudonym(KEY, CALLEE)
    assert (seen.outcome, seen.status) == (Outcome.CONFIRMED, "Completed")


async def test_the_same_number_of_another_account_and_another_number_are_left_alone(db: Database):
    mine, theirs = await make.account(db), await make.account(db)
    await remember(db, mine)
    call, other = await remember(db, theirs), await remember(db, mine, OTHER)
    await erase(db, mine)
    for kept in (call, other):
        assert (await make.call_seen(db, kept.call_id)).context == {"name": "Lovelace"}
    async with db.read() as session:
        found = await subject_access.on_file(session, theirs.account_id, CALLEE, KEY)
        answers = (await session.exec(select(IdempotencyKey))).all()
    assert (len(found.consents), len(found.contacts), found.registries) == (2, 1, ["us.dnc"])
    assert sorted((one.account_id, one.key) for one in answers) == sorted(
        [(theirs.account_id, "k1"), (mine.account_id, "k2")]
    )


async def test_counts_stay(db: Database):
    account = await make.account(db)
    await remember(db, account)
    async with db.read() as session:
        before = await call_counts.by_status(session, account.account_id, CallFilter())
    await erase(db, account)
    async with db.read() as session:
        after = await call_counts.by_status(session, account.account_id, CallFilter())
    assert after == before != {}


async def test_a_contact_that_was_to_be_called_is_dropped_and_one_that_was_called_is_not(
    db: Database,
):
    account = await make.account(db)
    campaign = await make.campaign(db, await make.agent(db, account))
    said: dict[str, Any] = {"campaign_id": campaign.campaign_id, "endpoint": CALLEE}
    rows = [
        Contact(row_number=1, **said),
        Contact(row_number=2, state=ContactState.CALLED, **said),
    ]
    async with db.write() as session:
        for row in rows:
            session.add(row)
    await erase(db, account)
    async with db.read() as session:
        seen = [await session.get(Contact, row.contact_id) for row in rows]
    assert [(row.state, row.endpoint) for row in seen if row] == [
        (ContactState.DROPPED, None),
        (ContactState.CALLED, None),
    ]


# -- the tombstone


async def entries(db: Database, account: Account) -> list[tuple[str, str | None, str | None]]:
    async with db.read() as session:
        rows, _ = await suppressions.page(session, account.account_id, NOW, 0, 10)
    return sorted((row.source, row.endpoint, row.endpoint_hash) for row in rows)


async def test_every_entry_goes_on_to_hold_by_its_hash(db: Database):
    account = await make.account(db)
    row = Suppression(
        account_id=account.account_id,
        endpoint=CALLEE,
        scope=ScopeKind.AGENT,
        scope_of="a-1",
        source="api",
        created_time=NOW,
    )
    async with db.write() as session:
        await suppressions.add(session, row)
    for _ in range(2):
        await erase(db, account)
    hashed = KEY.hash_of(CALLEE)
    assert await entries(db, account) == [("api", None, hashed), ("erasure", None, hashed)]
    async with db.read() as session:
        known = await person_records.about(session, account.account_id, CALLEE, NOW, KEY)
    assert {(one.source, one.scope.kind) for one in known.person.suppressions} == {
        ("api", "agent"),
        ("erasure", "all"),
    }


async def test_one_account_s_tombstone_does_not_hold_for_another(db: Database):
    mine, theirs = await make.account(db), await make.account(db)
    await erase(db, mine)
    async with db.read() as session:
        known = await person_records.about(session, theirs.account_id, CALLEE, NOW, KEY)
    assert known.person.suppressions == ()


async def test_the_erasures_of_a_person_are_found_by_the_person(db: Database):
    account = await make.account(db)
    await erase(db, account)
    async with db.read() as session:
        mine = await subject_access.on_file(session, account.account_id, CALLEE, KEY)
        other = await subject_access.on_file(session, account.account_id, OTHER, KEY)
        unknown = await subject_access.on_file(session, account.account_id, CALLEE, Hasher())
    assert (mine.erased, other.erased, unknown.erased) == ([NOW], [], [])


# -- the key


async def test_without_a_key_nothing_is_erased(db: Database):
    account = await make.account(db)
    call = await remember(db, account)
    with pytest.raises(NoPrivacyKey):
        await erase(db, account, Hasher())
    assert (await make.call_seen(db, call.call_id)).endpoint == CALLEE


async def test_nothing_is_erased_under_a_second_key(db: Database):
    account = await make.account(db)
    await erase(db, account)
    call = await remember(db, account)
    with pytest.raises(OtherPrivacyKey):
        await erase(db, account, Hasher.of("another"))
    assert (await make.call_seen(db, call.call_id)).endpoint == CALLEE
    async with db.read() as session:
        known = (await session.exec(select(HashKey.hash_key_id))).all()
    assert list(known) == [KEY.key_id]


@pytest.mark.parametrize(
    ("used", "key", "is_foreign"),
    [
        ([], "", False),
        ([], "secret", False),
        (["secret"], "secret", False),
        (["secret"], "", True),
        (["secret"], "another", True),
        (["secret", "another"], "secret", True),
    ],
)
async def test_a_key_under_which_not_all_could_be_found_is_foreign(
    db: Database, used: list[str], key: str, is_foreign: bool
):
    async with db.write() as session:
        for one in used:
            session.add(HashKey(hash_key_id=Hasher.of(one).key_id, first_used_time=NOW))
    async with db.read() as session:
        assert await foreign_key_in_use(session, Hasher.of(key)) is is_foreign


def test_a_hash_tells_neither_the_number_nor_the_key():
    shown = f"{KEY!r} {KEY.key_id} {KEY.hash_of(CALLEE)} {pseudonym(KEY, CALLEE)}"
    assert CALLEE[1:] not in shown
    assert "secret" not in shown
    assert KEY.hash_of(CALLEE) != Hasher.of("another").hash_of(CALLEE)
