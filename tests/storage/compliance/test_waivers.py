"""Rules that an account is not held to: on record, and only as far as is said."""

import pytest

from policy.model.purposes import Purpose
from storage.accounts import accounts
from storage.compliance import waivers
from storage.database.engine import Database
from storage.tables import Account, JsonObject
from tests.storage import make
from tests.storage.make import NOW, later


def waiver(rule_id: str = "us.fl.hours", **changes: object) -> JsonObject:
    said = {"rule": rule_id, "reason": "tests", "by": "tests", "at": NOW.isoformat()}
    return {**said, **changes}


@pytest.mark.parametrize(
    ("made", "purpose", "simulated", "holds"),
    [
        ({}, None, False, True),
        ({"purposes": ["reminder"]}, Purpose.REMINDER, False, True),
        ({"purposes": ["reminder"]}, Purpose.SURVEY, False, False),
        ({"purposes": ["reminder"]}, None, False, False),
        ({"simulatedOnly": True}, None, False, False),
        ({"simulatedOnly": True}, None, True, True),
        ({"endedAt": NOW.isoformat()}, None, True, False),
    ],
)
def test_a_waiver_holds_for_what_it_says(made, purpose, simulated, holds):
    account = Account(name="x", waivers=[waiver(**made)])
    found = waivers.in_force(account, purpose, simulated=simulated)
    assert found == ({"us.fl.hours"} if holds else set())


@pytest.mark.parametrize(
    ("known", "new", "is_new"),
    [
        ({}, {}, False),
        ({}, {"purposes": ["reminder"]}, False),
        ({"purposes": ["reminder"]}, {}, True),
        ({"purposes": ["reminder"]}, {"purposes": ["survey"]}, True),
        ({"purposes": ["reminder", "survey"]}, {"purposes": ["survey"]}, False),
        ({"simulatedOnly": True}, {}, True),
        ({"endedAt": NOW.isoformat()}, {}, True),
    ],
)
async def test_a_waiver_is_recorded_unless_one_says_as_much(db: Database, known, new, is_new):
    account = await make.account(db, waivers=[waiver(**known)])
    async with db.write() as session:
        assert await waivers.add(session, account.account_id, waiver(**new)) is is_new
    async with db.read() as session:
        seen = await accounts.get(session, account.account_id)
    assert seen is not None
    assert seen.waivers == [waiver(**known), *([waiver(**new)] if is_new else [])]


async def test_the_end_of_a_waiver_is_kept_with_it_and_comes_once(db: Database):
    account = await make.account(db, waivers=[waiver(), waiver("us.ny.hours")])
    async with db.write() as session:
        ended = await waivers.end(session, account.account_id, "us.fl.hours", "Ada", later(1))
    async with db.write() as session:
        again = await waivers.end(session, account.account_id, "us.fl.hours", "Bob", later(2))
    by_ada = waiver(endedAt=later(1).isoformat(), endedBy="Ada")
    assert (ended, again) == (by_ada, None)
    async with db.read() as session:
        seen = await accounts.get(session, account.account_id)
    assert seen is not None
    assert seen.waivers == [by_ada, waiver("us.ny.hours")]
    assert waivers.in_force(seen, None, simulated=False) == {"us.ny.hours"}
