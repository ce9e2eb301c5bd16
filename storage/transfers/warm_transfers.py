"""Warm transfers: the ledger of the target's leg, which is dialed once.

Every writer holds the call and the attempt, as in `transfers`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calls.attempt_lifecycle import FINAL_STATES, is_left_to_machine
from policy.model.template import render_text
from policy.transfers.targets import TransferState
from policy.transfers.warm_legs import WarmLeg, spoken_within
from storage.attempts import attempts
from storage.database.locks import BY_ID, hold_attempt
from storage.tables import Attempt, Call, Transfer, TransferTarget
from storage.transfers import targets

#: So near to each other two lost legs may be taken for each other.
_NEAR = timedelta(hours=1)
#: How long a target rings that was deleted meanwhile.
_RINGS = 20


@dataclass(frozen=True, slots=True)
class WarmFile:
    """A warm transfer with its callee's leg, all held, and its target; None: that is deleted."""

    call: Call
    attempt: Attempt
    row: Transfer
    target: TransferTarget | None

    @property
    def callee_is_there(self) -> bool:
        """Whether the callee's own leg is alive, as far as the ledger knows.

        To a machine that was found out late nobody is put through: it is left its message.
        """
        attempt = self.attempt
        if is_left_to_machine(attempt.answered_by, heard_person=attempt.person_at is not None):
            return False
        is_over = attempt.settled_at is not None or attempt.state in FINAL_STATES
        return not is_over and not self.call.status.is_final and attempt.carrier_sid is not None

    @property
    def leg(self) -> WarmLeg:
        """What policy reads of it."""
        row = self.row
        return WarmLeg(
            state=row.state,
            ring_seconds=_RINGS if self.target is None else self.target.ring_seconds,
            asked_at=row.asked_at,
            sending_at=row.sending_at,
            is_known=row.leg_sid is not None,
            answered_at=row.answered_at,
            taken_at=row.taken_at,
            joined_at=row.joined_at,
            waiting_since=row.waiting_since,
            returned_at=row.returned_at,
            ended_at=row.ended_at,
            introduced_within=spoken_within(self.introduction),
        )

    @property
    def introduction(self) -> str:
        """What both are told before they meet."""
        text = self.target.introduction if self.target is not None else None
        return render_text(text, self.call.context) if text else ""


async def hold(session: AsyncSession, transfer_id: str) -> WarmFile | None:
    """The transfer and what it hangs on, held until the transaction ends."""
    found = await session.get(Transfer, transfer_id)
    if found is None:
        return None
    held = await hold_attempt(session, BY_ID, attempt=found.attempt_id)
    assert held is not None
    call, attempt = held
    # What was read before it was held may be stale.
    await session.refresh(found)
    target = await targets.named(session, call.account_id, found.target_name)
    return WarmFile(call, attempt, found, target)


async def read(session: AsyncSession, transfer_id: str) -> WarmFile | None:
    """The same as it is now, held by nobody."""
    statement = (
        select(Call, Attempt, Transfer)
        .join(Attempt, col(Attempt.call_id) == col(Call.call_id))
        .join(Transfer, col(Transfer.attempt_id) == col(Attempt.attempt_id))
        .where(col(Transfer.transfer_id) == transfer_id)
    )
    found = (await session.exec(statement)).one_or_none()
    if found is None:
        return None
    call, attempt, row = found
    return WarmFile(
        call, attempt, row, await targets.named(session, row.account_id, row.target_name)
    )


async def begin_sending(session: AsyncSession, row: Transfer, now: datetime) -> bool:
    """The mark before the one request; False: it was made before, or the target is not wanted."""
    if row.state is not TransferState.DIALING or row.sending_at is not None:
        return False
    row.sending_at = now
    await session.flush()
    return True


async def name_leg(session: AsyncSession, row: Transfer, sid: str) -> bool:
    """The target's leg; False: the transfer has another one."""
    if row.leg_sid is None:
        row.leg_sid = sid
        await session.flush()
    return row.leg_sid == sid


async def lost_beside(session: AsyncSession, row: Transfer, attempt: Attempt, to: str) -> bool:
    """Whether another transfer's leg of the same two numbers is looked for, too.

    Then the carrier's list does not tell which is whose, and only their own requests do.
    """
    statement = (
        select(Transfer.transfer_id)
        .join(Attempt, col(Attempt.attempt_id) == col(Transfer.attempt_id))
        .join(TransferTarget, col(TransferTarget.target_id) == col(Transfer.target_id))
        .where(
            col(Transfer.account_id) == row.account_id,
            col(Transfer.transfer_id) != row.transfer_id,
            col(Transfer.sending_at).is_not(None),
            col(Transfer.leg_sid).is_(None),
            col(Transfer.asked_at) > row.asked_at - _NEAR,
            col(Attempt.from_endpoint) == attempt.from_endpoint,
            col(TransferTarget.endpoint) == to,
        )
    )
    return (await session.exec(statement.limit(1))).first() is not None


async def unknown_sids(session: AsyncSession, sids: list[str]) -> list[str]:
    """Those that are neither an attempt's nor a transfer's."""
    known = await attempts.known_sids(session, sids)
    return [sid for sid in sids if sid not in known]
