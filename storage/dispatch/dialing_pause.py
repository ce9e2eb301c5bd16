"""Dialing of an account stands still: the carrier refuses what is not about any one call.

The pause is a fact of the account's row and changes under its lock. Meanwhile one call at a time
may have a slot, the probe; only its answer ends the pause. What was in flight when the pause began
tells nothing new, so that a hundred refusals are one pause.
"""

from datetime import datetime

import structlog
from sqlalchemy import bindparam
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.dispatch.dialing_pause import probe_delay
from storage.database.core import rows_of
from storage.database.locks import lock_account
from storage.events.event_log import EventType, append_of
from storage.tables import Account, Call, JsonObject, Lease
from storage.tables.types import UtcDateTime

log = structlog.get_logger(__name__)

_LIVE_PROBE = sql_select(col(Lease.lease_id)).where(
    col(Lease.call_id) == bindparam("call"),
    col(Lease.released_at).is_(None),
    col(Lease.expires_at) > bindparam("now", type_=UtcDateTime()),
)


def is_paused(account: Account) -> bool:
    return account.paused_since is not None


def bars(account: Account, call_id: str) -> bool:
    """Whether the pause keeps this call from being dialed."""
    return is_paused(account) and account.probe_call_id != call_id


def is_probe(account: Account, call_id: str) -> bool:
    """Whether the call's answer is waited for."""
    return is_paused(account) and account.probe_call_id == call_id


async def probes_left(session: AsyncSession, account: Account, now: datetime) -> int:
    """How many calls of a paused account may have a slot now: one, when it is due."""
    if account.probe_at is not None and now < account.probe_at:
        return 0
    live = {"call": account.probe_call_id or "", "now": now}
    return 0 if await rows_of(session, _LIVE_PROBE, live) else 1


def note_probe(session: AsyncSession, account: Account, call_id: str) -> None:
    """A slot was given to the call, by a caller that holds the account; of a paused one only."""
    if is_paused(account):
        account.probe_call_id = call_id
        session.add(account)


async def refused(
    session: AsyncSession,
    call: Call,
    cause: str,
    now: datetime,
    *,
    status: int | None = None,
    code: int | None = None,
) -> None:
    """The carrier refused a dial for what is not about its call. Call, then account."""
    account = await lock_account(session, call.account_id)
    if account is None:
        return
    if is_probe(account, call.call_id):
        account.pause_cause = cause
        _postpone(session, account, now)
    elif not is_paused(account):
        await _pause(session, account, call, cause, now, {"httpStatus": status, "code": code})


async def _pause(
    session: AsyncSession, account: Account, call: Call, cause: str, now: datetime, said: JsonObject
) -> None:
    account.paused_since, account.pause_cause = now, cause
    account.vain_probes, account.probe_at = 0, now + probe_delay(0)
    # Another call is the first to try, if one waits: this one may be all that is refused.
    account.probe_call_id = call.call_id
    session.add(account)
    log.warning("dialing.paused", account_id=account.account_id, cause=cause)
    await append_of(
        session,
        account.account_id,
        account.account_id,
        EventType.DIALING_PAUSED,
        now,
        {"cause": cause, **said},
    )


async def found_out_nothing(session: AsyncSession, call: Call, now: datetime) -> None:
    """The dial had no answer, or one that tells nothing: the next probe waits longer."""
    account = await lock_account(session, call.account_id)
    if account is not None and is_probe(account, call.call_id):
        _postpone(session, account, now)


def _postpone(session: AsyncSession, account: Account, now: datetime) -> None:
    account.vain_probes += 1
    account.probe_at = now + probe_delay(account.vain_probes)
    session.add(account)


async def taken(session: AsyncSession, call: Call, now: datetime) -> None:
    """The carrier has looked at the call itself: if it was the probe, dialing goes on."""
    account = await lock_account(session, call.account_id)
    if account is None or account.paused_since is None or not is_probe(account, call.call_id):
        return
    lasted = {"pausedSeconds": int((now - account.paused_since).total_seconds())}
    account.paused_since = account.pause_cause = account.probe_at = account.probe_call_id = None
    account.vain_probes = 0
    session.add(account)
    log.info("dialing.resumed", account_id=account.account_id)
    await append_of(
        session, account.account_id, account.account_id, EventType.DIALING_RESUMED, now, lasted
    )


async def probe_now(session: AsyncSession, account_id: str, now: datetime) -> Account | None:
    """On request: the next call in line tries at once. A probe under way stays the only one."""
    account = await lock_account(session, account_id)
    if account is not None and is_paused(account):
        account.probe_at = now
        session.add(account)
    return account
