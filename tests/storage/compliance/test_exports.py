"""Dials and consents of a period, a page at a time and none twice."""

from datetime import datetime
from typing import Any

import pytest

from policy.model.purposes import ConsentTier, Purpose
from storage.compliance import exports
from storage.compliance.exports import ExportPeriod
from storage.database.engine import Database
from storage.tables import Account, Attempt, Call, Consent
from tests.storage import make
from tests.storage.make import CALLEE, NOW, later

PERIOD = ExportPeriod(NOW, later(10))


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PAGE", 2)


async def dials(db: Database, account: Account, moments: list[datetime]) -> list[str]:
    agent = await make.agent(db, account, purpose=Purpose.SURVEY)
    made = []
    for at in moments:
        attempt = await make.planned(db, await make.call(db, agent))
        async with db.write() as session:
            row = await session.merge(attempt)
            row.dialed_at = at
        made.append(attempt.attempt_id)
    return made


async def agreed(db: Database, account: Account, at: datetime, **changes: Any) -> str:
    row = Consent(
        account_id=account.account_id,
        endpoint=CALLEE,
        tier=ConsentTier.EXPRESS,
        method="tests",
        created_time=at,
        granted_time=at,
        **changes,
    )
    async with db.write() as session:
        session.add(row)
    return row.consent_id


async def test_every_dial_of_the_period_comes_once_in_order_with_its_purpose(db: Database):
    account = await make.account(db)
    moments = [later(s) for s in (5, 0, 5, 5, 9.5, 10, -1)]
    made = await dials(db, account, moments)
    await dials(db, await make.account(db), [NOW])
    found: list[tuple[Attempt, Call, Purpose | None]] = []
    after = None
    async with db.read() as session:
        while page := await exports.attempts(session, account.account_id, PERIOD, after):
            assert len(page) <= 2
            found += page
            after = page[-1][0].dialed_at, page[-1][0].attempt_id
    assert [row[0].dialed_at for row in found] == [later(s) for s in (0, 5, 5, 5, 9.5)]
    assert {row[0].attempt_id for row in found} == set(made[:5])
    assert {row[2] for row in found} == {Purpose.SURVEY}
    assert all(attempt.call_id == call.call_id for attempt, call, _ in found)


async def test_every_consent_of_the_period_comes_once_by_when_it_was_recorded(db: Database):
    account = await make.account(db)
    inside = [await agreed(db, account, later(s)) for s in (0, 3, 3, 3)]
    inside.append(await agreed(db, account, later(-9), revoked_time=later(4)))
    inside.append(await agreed(db, account, later(2), revoked_time=later(99)))
    await agreed(db, account, later(10))
    await agreed(db, account, later(-9), revoked_time=later(10))
    await agreed(db, account, later(-9))
    await agreed(db, await make.account(db), NOW)
    found: list[Consent] = []
    after = None
    async with db.read() as session:
        while page := await exports.consents(session, account.account_id, PERIOD, after):
            assert len(page) <= 2
            found += page
            after = page[-1].created_time, page[-1].consent_id
    assert sorted(row.consent_id for row in found) == sorted(inside)
    recorded = [row.created_time for row in found]
    assert recorded == sorted(recorded)
