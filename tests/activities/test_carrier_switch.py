"""Which account at the carrier a call is dialed by, and asked about at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from temporalio.testing import ActivityEnvironment

from activities.clock import utcnow
from activities.dials.carrier_switch import CarrierSwitch
from activities.dials.dial import DialActivities
from contracts.calls import DialKind
from policy.model.call import AttemptResult, AttemptState
from policy.transfers.targets import TransferState
from storage.carriers import carrier_accounts
from storage.carriers.credentials import CredentialBook, Credentials
from storage.carriers.sealer import Sealer, new_key
from storage.facts.gather import FactGatherer
from storage.tables import Account, CarrierAccount
from telephony.memory.carrier import MemoryCarrier
from telephony.port import Leg
from tests.activities.conftest import PUBLIC_URL, Desk
from tests.statements import statements
from tests.storage import make

SEALER = Sealer.of(new_key())
SID = "AC" + "a" * 32


@dataclass
class Several:
    """A desk that dials by the installation's own account and by others."""

    desk: Desk
    own: MemoryCarrier
    made: list[tuple[Credentials, MemoryCarrier]] = field(default_factory=list)
    instead: Callable[[], MemoryCarrier] = MemoryCarrier

    def __post_init__(self) -> None:
        self.book = CredentialBook(self.desk.db, SEALER)
        self.switch = CarrierSwitch(self.desk.db, self.own, self.book, self._make)
        self.dial = DialActivities(
            self.desk.db, self.switch, FactGatherer(), public_url=PUBLIC_URL, book=self.book
        )

    def _make(self, found: Credentials) -> MemoryCarrier:
        carrier = self.instead()
        self.made.append((found, carrier))
        return carrier

    async def account_with(self, *numbers: str, sealer: Sealer = SEALER) -> CarrierAccount:
        now = utcnow()
        row = CarrierAccount(
            account_id=self.desk.account.account_id,
            name="Ireland",
            account_sid=SID,
            caller_ids=list(numbers),
            token_time=now,
            created_time=now,
            updated_time=now,
        )
        row.sealed_token = sealer.seal("token-1", row.carrier_account_id)
        async with self.desk.db.write() as session:
            await carrier_accounts.add(session, row)
        return row

    async def dials(self) -> DialKind:
        done: Any = await ActivityEnvironment().run(self.dial.dial, self.desk.ref)
        kind: DialKind = done.kind
        return kind


@pytest.fixture
def several(desk: Desk) -> Several:
    return Several(desk, desk.carrier)


async def test_a_number_is_dialed_from_by_the_account_that_has_it(several: Several) -> None:
    row = await several.account_with(several.desk.call.caller_id)
    await several.desk.plan()
    assert await several.dials() is DialKind.SENT
    ((found, carrier),) = several.made
    assert (found.account_sid, found.token, len(carrier.dials)) == (SID, "token-1", 1)
    assert several.own.dials == []
    attempt = await several.desk.attempt()
    assert attempt.carrier_account_id == row.carrier_account_id


async def test_all_other_numbers_are_dialed_from_by_the_installations_own(
    several: Several,
) -> None:
    await several.account_with("+12025550199")
    await several.desk.plan()
    assert await several.dials() is DialKind.SENT
    assert len(several.own.dials) == 1
    assert (await several.desk.attempt()).carrier_account_id is None


async def test_a_leg_is_asked_about_where_it_is(several: Several) -> None:
    await several.account_with(several.desk.call.caller_id)
    await several.desk.plan()
    await several.dials()
    ((_, carrier),) = several.made
    sid = carrier.legs[0].sid
    assert (await several.switch.fetch(sid)).sid == sid
    # And by a process that did not dial it.
    other = Several(several.desk, several.own)
    asked: list[str] = []

    class Elsewhere(MemoryCarrier):
        async def fetch(self, sid: str) -> Leg:
            asked.append(sid)
            return await carrier.fetch(sid)

    other.instead = Elsewhere
    assert (await other.switch.fetch(sid)).sid == sid
    assert asked == [sid]


async def test_the_leg_to_a_transfers_target_is_asked_about_where_its_callees_is(
    several: Several,
) -> None:
    await several.account_with(several.desk.call.caller_id)
    await several.desk.plan()
    await several.dials()
    attempt, sid = await several.desk.attempt(), "CA" + "7" * 32
    row = make.transfer(
        attempt,
        state=TransferState.DIALING,
        leg_sid=sid,
        asked_at=utcnow(),
    )
    async with several.desk.db.write() as session:
        session.add(row)
    async with several.desk.db.read() as session:
        found = await carrier_accounts.located(session, sid)
    assert attempt.carrier_account_id is not None
    assert found == attempt.carrier_account_id


async def test_a_lost_leg_is_looked_for_where_it_was_sent(several: Several) -> None:
    row = await several.account_with(several.desk.call.caller_id)
    asked: list[str] = []

    class Listing(MemoryCarrier):
        async def find(
            self, *, to: str, from_: str, since: datetime, carrier_account_id: str | None = None
        ) -> Sequence[Leg]:
            asked.append(to)
            return []

    several.instead = Listing
    ends = {"to": "+12025550123", "from_": "+12025550100", "since": utcnow()}
    at = row.carrier_account_id
    assert await several.switch.find(**ends, carrier_account_id=at) == []  # type: ignore[arg-type]
    assert asked == ["+12025550123"]


async def test_a_changed_token_is_used_from_the_next_dial_on(several: Several) -> None:
    row = await several.account_with(several.desk.call.caller_id)
    account = several.desk.account
    async with several.desk.db.read() as session:
        now = await session.get_one(Account, account.account_id)
        chosen = await several.book.for_dial(session, now, several.desk.call.caller_id)
    assert chosen == row.carrier_account_id
    row.sealed_token = SEALER.seal("token-2", row.carrier_account_id)
    async with several.desk.db.write() as session:
        await carrier_accounts.save(session, await session.merge(row), utcnow())
    await several.desk.plan()
    await several.dials()
    assert [found.token for found, _ in several.made] == ["token-2"]


async def test_where_the_secret_cannot_be_read_nobody_is_dialed_by_anybody(
    several: Several,
) -> None:
    await several.account_with(several.desk.call.caller_id, sealer=Sealer.of(new_key()))
    await several.desk.plan()
    assert await several.dials() is DialKind.OVER
    assert (several.made, several.own.dials) == ([], [])
    attempt = await several.desk.attempt()
    assert attempt.result is AttemptResult.ACCOUNT_REFUSED
    assert "secret" in (attempt.error or "")


async def test_one_that_is_disabled_dials_nobody_though_the_agent_has_given_the_number_up(
    several: Several,
) -> None:
    row = await several.account_with(several.desk.call.caller_id)
    row.disabled_time = utcnow()
    async with several.desk.db.write() as session:
        await carrier_accounts.save(session, await session.merge(row), utcnow())
    await several.desk.plan()
    assert await several.dials() is DialKind.OVER
    assert (several.made, several.own.dials) == ([], [])
    assert (await several.desk.attempt()).result is AttemptResult.NOT_SENT


async def test_an_account_that_has_none_costs_no_statement(several: Several) -> None:
    async with several.desk.db.read() as session:
        account = await session.get_one(Account, several.desk.account.account_id)
        with statements(several.desk.db) as sent:
            assert await several.book.for_dial(session, account, "+12025550100") is None
    assert sent == []


async def test_an_account_that_has_one_is_asked_about_once_a_change(several: Several) -> None:
    row = await several.account_with("+12025550100")
    async with several.desk.db.read() as session:
        account = await session.get_one(Account, several.desk.account.account_id)
        with statements(several.desk.db) as sent:
            for _ in range(3):
                found = await several.book.for_dial(session, account, "+12025550100")
                assert found == row.carrier_account_id
    assert len(sent) == 1


async def test_legs_from_a_number_are_sought_at_every_account_that_has_it(
    several: Several,
) -> None:
    number = several.desk.call.caller_id
    row = await several.account_with(number)
    await several.account_with("+12025550100")
    await several.desk.plan()
    await several.dials()
    [(found, _)] = several.made
    long_ago = utcnow() - timedelta(hours=1)
    assert [leg.from_ for leg in await several.switch.made(from_=number, since=long_ago)] == [
        number
    ]
    assert found.carrier_account_id == row.carrier_account_id
    assert len(several.made) == 1


async def test_where_the_database_is_away_just_then_nothing_was_surely_sent(
    several: Several, monkeypatch: pytest.MonkeyPatch
) -> None:
    await several.account_with(several.desk.call.caller_id)
    await several.desk.plan()

    async def away(_of: str) -> Credentials:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(several.book, "of", away)
    assert await several.dials() is DialKind.OVER
    attempt = await several.desk.attempt()
    assert (attempt.state, attempt.result) == (AttemptState.REJECTED, AttemptResult.NETWORK_ERROR)
