"""Forgetting a person: what waits is ended first, then everything about them goes."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.deps import Services
from api.http.problems import conflict
from api.replan.replan import replan_calls
from contracts import names
from policy.model.call import CallStatus, Decision, DecisionKind, Outcome
from policy.model.reasons import Reason
from storage.attempts import attempts
from storage.calls import calls
from storage.dispatch import leases
from storage.number_hash import NoPrivacyKey, OtherPrivacyKey
from storage.privacy import erasure
from storage.tables import Account, Call, Erasure

_ERASED = Decision(
    kind=DecisionKind.END,
    reason=Reason.DO_NOT_CALL,
    detail="The person's data were erased",
    outcome=Outcome.SUPPRESSED,
)
_WAITING = (CallStatus.CREATED, CallStatus.QUEUED)


async def erase(uses: Services, account: Account, endpoint: str, by: str) -> Erasure:
    """Erase in one transaction; raises a Problem while a call is in progress."""
    now = uses.now()
    try:
        async with uses.db.write() as session:
            ended = await _end_waiting(session, account.account_id, endpoint, now)
            done = await erasure.erase(
                session, account.account_id, endpoint, uses.gatherer.hasher, by, now
            )
    except NoPrivacyKey:
        detail = "Set TRUNKLINE_PRIVACY_KEY: without it no tombstone can be left."
        raise conflict("no_privacy_key", detail) from None
    except OtherPrivacyKey:
        detail = "People were erased under another TRUNKLINE_PRIVACY_KEY; go on with that one."
        raise conflict("other_privacy_key", detail) from None
    await replan_calls(uses, ended)
    return done


async def _end_waiting(
    session: AsyncSession, account_id: str, endpoint: str, now: datetime
) -> list[str]:
    # All calls before the account, which a release holds: the order that everybody keeps to.
    held = [
        await calls.lock(session, call_id)
        for call_id in sorted(await calls.open_to(session, account_id, endpoint))
    ]
    waiting = [call for call in held if call is not None and not call.status.is_final]
    for call in waiting:
        _require_waiting(call)
        await leases.release(session, call.call_id, now)
        await attempts.withdraw(session, call, now)
        await calls.apply_decision(session, call, _ERASED, now)
    return [call.call_id for call in waiting]


def _require_waiting(call: Call) -> None:
    if call.status not in _WAITING:
        detail = "A call to this person is in progress; try again when it has ended."
        raise conflict(names.IN_PROGRESS, detail)
