"""The target's leg of a warm transfer: dialed once whatever dies, found if it is lost, ended."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.testing import ActivityEnvironment

from activities.clock import utcnow
from activities.dials.target_dial import TargetDialActivities
from activities.dials.transfer_attendance import TransferAttendance
from activities.dials.transfer_closer import TransferCloser
from contracts.calls import TransferRef
from policy.model.call import CampaignStatus
from policy.transfers.targets import MissReason, TransferState
from storage.attempts import attempts
from storage.attempts.attempts import CarrierUpdate
from storage.database.engine import Database
from storage.tables import Attempt, Call, Transfer, TransferTarget
from telephony.errors import Ambiguous, CarrierError, Rejected, RejectedClass
from telephony.memory.carrier import MemoryCarrier
from telephony.port import DialRequest, Leg, LegStatus
from tests.databases import empty_database
from tests.storage import make
from tests.wait import until

PUBLIC = "https://calls.example.com"
DESK = "+12125550140"
SID = "CA" + "2" * 32


@pytest_asyncio.fixture(loop_scope="session", params=["sqlite"])
async def db(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    async with empty_database(request, "warm") as database:
        yield database


class Carrier(MemoryCarrier):
    """Creates a leg that rings; notes what is done to legs."""

    def __init__(self, error: CarrierError | None = None, *, creates: bool = True) -> None:
        super().__init__()
        self.error = error
        self.creates = creates
        self.ended: list[str] = []
        self.fetched: list[tuple[str, str]] = []
        self.asked: list[str] = []
        self.looked_for: list[str] = []
        self.status = LegStatus.RINGING
        self.made_legs: list[Leg] = []

    async def dial(self, request: DialRequest) -> Leg:
        self.dials.append(request)
        leg = Leg(SID, self.status, request.to, request.from_, created_at=utcnow())
        if self.creates:
            self.made_legs.append(leg)
        if self.error is not None:
            raise self.error
        return leg

    async def find(
        self, *, to: str, from_: str, since: datetime, carrier_account_id: str | None = None
    ) -> Sequence[Leg]:
        self.looked_for.append(to)
        return [one for one in self.made_legs if (one.to, one.from_) == (to, from_)]

    async def fetch(self, sid: str) -> Leg:
        self.asked.append(sid)
        return Leg(sid, self.status, "", "", duration=61 if self.status.is_terminal else None)

    async def hang_up(self, sid: str) -> None:
        self.ended.append(sid)

    async def play(self, sid: str, twiml: str) -> None:
        self.fetched.append((sid, twiml))


async def _waiting(
    db: Database, introduction: str | None = None, **changes: Any
) -> tuple[Attempt, Transfer]:
    """A callee who waits for a target that nobody has dialed yet."""
    attempt = await make.sent(db, await make.call_of_somebody(db))
    target = TransferTarget(
        account_id=attempt.account_id,
        name="desk",
        endpoint=DESK,
        warm=True,
        introduction=introduction,
        created_time=utcnow(),
        updated_time=utcnow(),
    )
    row = make.transfer(
        attempt,
        target_id=target.target_id,
        state=TransferState.DIALING,
        is_warm=True,
        asked_at=utcnow(),
        **{"waiting_since": utcnow(), **changes},
    )
    async with db.write() as session:
        session.add_all([target, row])
    return attempt, row


async def _seen(db: Database, row: Transfer) -> Transfer:
    async with db.read() as session:
        found = await session.get(Transfer, row.transfer_id)
    assert found is not None
    return found


async def _change(db: Database, row: Transfer, **changes: Any) -> None:
    async with db.write() as session:
        found = await session.get(Transfer, row.transfer_id)
        assert found is not None
        for name, value in changes.items():
            setattr(found, name, value)
        session.add(found)


async def _end_callee(db: Database, attempt: Attempt) -> None:
    async with db.write() as session:
        held = await attempts.reload(session, attempt)
        ended = CarrierUpdate("completed", duration=60, at=utcnow())
        await attempts.apply_carrier_event(session, held, ended, utcnow())


def _ref(row: Transfer) -> TransferRef:
    return TransferRef(row.call_id, row.transfer_id)


async def _dial(db: Database, carrier: Carrier, row: Transfer) -> None:
    dial = TargetDialActivities(db, carrier, public_url=PUBLIC)
    await ActivityEnvironment().run(dial.dial_target, _ref(row))


def _attendance(db: Database, carrier: Carrier, quiet: float = 60) -> TransferAttendance:
    quietly = timedelta(seconds=quiet)
    return TransferAttendance(db, carrier, public_url=PUBLIC, quiet=quietly)


async def _attend(db: Database, carrier: Carrier, row: Transfer, quiet: float = 60) -> None:
    await ActivityEnvironment().run(_attendance(db, carrier, quiet).attend_transfer, _ref(row))


@pytest.mark.parametrize("db", ["sqlite", "postgresql"], indirect=True)
async def test_the_target_is_dialed_once_as_the_call_itself_was(db: Database):
    attempt, row = await _waiting(db)
    carrier = Carrier()
    await asyncio.gather(*(_dial(db, carrier, row) for _ in range(3)))
    await _dial(db, carrier, row)
    (request,) = carrier.dials
    assert (request.to, request.from_) == (DESK, attempt.from_endpoint)
    base = f"{PUBLIC}/twilio/transfer/{attempt.token}/{row.transfer_id}"
    assert (request.voice_url, request.status_url) == (f"{base}/whisper", f"{base}/target")
    assert request.ring_timeout == 20
    found = await _seen(db, row)
    assert (found.leg_sid, found.sending_at is not None) == (SID, True)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Rejected("no", reason=RejectedClass.NUMBER), MissReason.FAILED),
        # Nobody knows: it is not dialed again, and its leg may be found.
        (Ambiguous("500"), None),
    ],
)
async def test_a_create_that_fails_is_never_repeated(
    db: Database, error: CarrierError, reason: MissReason | None
):
    attempt, row = await _waiting(db)
    carrier = Carrier(error, creates=False)
    await _dial(db, carrier, row)
    await _dial(db, carrier, row)
    assert len(carrier.dials) == 1
    found = await _seen(db, row)
    assert (found.reason, found.leg_sid) == (reason, None)
    # Only what may have been created is looked for.
    await _end_callee(db, attempt)
    await _attend(db, carrier, row, quiet=1)
    assert bool(carrier.looked_for) is (reason is None)


async def test_a_callee_who_is_gone_and_a_campaign_that_is_held_keep_it_from_being_dialed(
    db: Database,
):
    attempt, row = await _waiting(db)
    await _end_callee(db, attempt)
    carrier = Carrier()
    await _dial(db, carrier, row)
    assert (await _seen(db, row)).reason is MissReason.HUNG_UP
    _, other = await _waiting(db)
    held = await make.campaign_of_somebody(db, status=CampaignStatus.PAUSED)
    async with db.write() as session:
        call = await session.get(Call, other.call_id)
        assert call is not None
        call.campaign_id = held.campaign_id
        session.add(call)
    await _dial(db, carrier, other)
    assert (await _seen(db, other)).reason is MissReason.PAUSED
    assert carrier.dials == []


async def test_a_lost_leg_is_found_in_the_list_and_ended_when_nobody_waits_for_it(db: Database):
    attempt, row = await _waiting(db)
    carrier = Carrier(Ambiguous("500"))
    await _dial(db, carrier, row)
    attending = asyncio.create_task(_attend(db, carrier, row))

    async def is_known() -> bool:
        return (await _seen(db, row)).leg_sid == SID

    await until(is_known, "the leg is found")
    await _end_callee(db, attempt)
    await attending
    assert carrier.ended == [SID]
    assert (await _seen(db, row)).reason is MissReason.HUNG_UP


async def test_of_two_lost_legs_to_one_target_neither_is_taken_for_the_other(db: Database):
    long_ago = utcnow() - timedelta(seconds=36)
    times = {"asked_at": long_ago, "sending_at": long_ago}
    # An AI agent talks with the callee meanwhile.
    _, first = await _waiting(db, waiting_since=None)
    await _change(db, first, **times)
    _, second = await _waiting(db)
    async with db.write() as session:
        twin = await session.get(Transfer, second.transfer_id)
        assert twin is not None
        twin.account_id, twin.target_id = first.account_id, first.target_id
        session.add(twin)
    await _change(db, second, **times)
    carrier = Carrier()
    owner = (await make.seen(db, await _attempt_of(db, first))).from_endpoint
    carrier.made_legs = [Leg(SID, LegStatus.RINGING, DESK, owner, created_at=utcnow())]
    await _attend(db, carrier, first, quiet=37)
    found = await _seen(db, first)
    assert (found.leg_sid, found.reason) == (None, MissReason.UNKNOWN)


async def _attempt_of(db: Database, row: Transfer) -> Attempt:
    async with db.read() as session:
        found = await session.get(Attempt, row.attempt_id)
    assert found is not None
    return found


async def test_who_took_it_gets_the_callee_and_a_start_that_was_not_told_is_asked(db: Database):
    attempt, row = await _waiting(db)
    carrier = Carrier()
    await _dial(db, carrier, row)
    await _change(db, row, answered_at=utcnow(), taken_at=utcnow())
    attending = asyncio.create_task(_attend(db, carrier, row))

    async def is_fetched() -> bool:
        return bool(carrier.fetched)

    await until(is_fetched, "the callee is fetched")
    sid, document = carrier.fetched[0]
    assert sid == attempt.carrier_sid
    assert f"/{row.transfer_id}/hold</Redirect>" in document
    carrier.status = LegStatus.IN_PROGRESS
    await _change(db, row, joined_at=utcnow() - timedelta(seconds=5))
    await attending
    assert (await _seen(db, row)).state is TransferState.CONNECTED
    assert carrier.ended == []


async def test_who_may_hear_the_introduction_still_is_not_taken_to_have_met_the_callee(
    db: Database,
):
    attempt, row = await _waiting(db, introduction="a" * 100)
    carrier = Carrier()
    await _dial(db, carrier, row)
    carrier.status = LegStatus.IN_PROGRESS
    joined = {"taken_at": utcnow(), "joined_at": utcnow() - timedelta(seconds=5)}
    await _change(db, row, answered_at=utcnow(), **joined)
    attending = asyncio.create_task(_attend(db, carrier, row))

    async def is_asked() -> bool:
        return bool(carrier.asked)

    await until(is_asked, "the carrier is asked")
    await _end_callee(db, attempt)
    await attending
    found = await _seen(db, row)
    assert (found.connected_at, found.reason) == (None, MissReason.HUNG_UP)
    assert carrier.ended == [SID]


async def test_a_machine_that_was_found_out_late_is_left_its_message(db: Database):
    attempt, row = await _waiting(db)
    carrier = Carrier()
    await _dial(db, carrier, row)
    await _change(db, row, answered_at=utcnow(), taken_at=utcnow())
    async with db.write() as session:
        held = await attempts.reload(session, attempt)
        await attempts.apply_answered_by(session, held, "machine_start", utcnow())
    await _attend(db, carrier, row)
    assert (carrier.ended, carrier.fetched) == ([SID], [])


async def test_an_attendance_that_is_cut_off_with_its_workflow_ends_the_leg(db: Database):
    _, row = await _waiting(db)
    carrier = Carrier()
    await _dial(db, carrier, row)
    environment, began = ActivityEnvironment(), asyncio.Event()
    environment.on_heartbeat = lambda *_: began.set()
    attending = asyncio.ensure_future(
        environment.run(_attendance(db, carrier).attend_transfer, _ref(row))
    )
    await began.wait()
    environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attending
    assert carrier.ended == [SID]
    assert (await _seen(db, row)).reason is MissReason.HUNG_UP


async def test_the_sweep_ends_the_leg_that_a_killed_worker_left(db: Database):
    attempt, row = await _waiting(db)
    carrier = Carrier()
    await _dial(db, carrier, row)
    async with db.write() as session:
        held = await attempts.reload(session, attempt)
        before = utcnow() - timedelta(seconds=60)
        ended = CarrierUpdate("completed", duration=60, at=before)
        await attempts.apply_carrier_event(session, held, ended, utcnow())
    closer = TransferCloser(db, carrier)
    await closer.turn()
    assert carrier.ended == [SID]
    assert (await _seen(db, row)).state is TransferState.DIALING
    carrier.status = LegStatus.NO_ANSWER
    await closer.turn()
    assert (await _seen(db, row)).reason is MissReason.NO_ANSWER
