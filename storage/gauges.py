"""What the metrics say that only the database knows: how much there is of what, at this moment.

Each query is bounded: by the tally, by what is open at once, or by `MOST`. Nothing here is asked
for a call's sake; see `observability.exposition` for when.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, literal, literal_column, or_
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from observability.metrics import Samples
from policy.dispatch.start_targets import TARGETS, band_of
from policy.model.call import AttemptState, CallStatus, Outcome, WaitingFor
from policy.promises import PromiseState
from storage import loop_leases
from storage.attempts import workers
from storage.call_lists.call_counts import IN_QUEUE, IS_HELD
from storage.database.core import rows_of
from storage.tables import Account, Attempt, Call, CallTally, Delivery, Lease, Promise, Webhook

#: What is counted row by row is counted up to here.
MOST = 10_000
#: Agents with a label of their own: those with the most calls in the queue.
MOST_AGENTS = 50
#: Webhooks, and accounts and priorities in the queue, that are looked at one by one.
MOST_LOOKS = 500
#: A call that was accepted so long ago should have its workflow.
LATE = timedelta(seconds=60)
#: A worker says this often enough that it is here.
PRESENT = timedelta(seconds=6)
OTHERS = "other"
_N = func.sum(col(CallTally.n))


async def read(session: AsyncSession, now: datetime, loops: Collection[str]) -> Samples:
    """By name of the metric, as `observability.metrics.FROM_DATABASE` has it."""
    return {
        **await _calls(session),
        **await _queue(session, now),
        **await _dials(session, now),
        **await _promises(session, now),
        **await _webhooks(session, now),
        **await _work(session, now, loops),
    }


async def _calls(session: AsyncSession) -> Samples:
    kind = (col(CallTally.status), col(CallTally.waiting_for), col(CallTally.outcome))
    open_: Counter[tuple[str, ...]] = Counter({(one.value,): 0 for one in _OPEN})
    waiting: Counter[tuple[str, ...]] = Counter({(one.value,): 0 for one in WaitingFor})
    ended: Counter[tuple[str, ...]] = Counter({(one.value,): 0 for one in Outcome})
    for status, waiting_for, outcome, number in await rows_of(
        session, sql_select(*kind, _N).group_by(*kind).having(_N > 0)
    ):
        if outcome:
            ended[outcome,] += int(number)
        elif CallStatus(status) in _OPEN:
            open_[status,] += int(number)
        if waiting_for:
            waiting[waiting_for,] += int(number)
    return {
        "trunkline_calls": open_,
        "trunkline_calls_waiting": waiting,
        "trunkline_calls_ended": ended,
    }


_OPEN = tuple(status for status in CallStatus if not status.is_final)


async def _queue(session: AsyncSession, now: datetime) -> Samples:
    """Calls of paused campaigns are not in the queue, but are among the oldest."""
    kind = (col(CallTally.agent_id), col(CallTally.priority))
    found = await rows_of(
        session,
        sql_select(*kind, _N).where(IN_QUEUE, ~IS_HELD).group_by(*kind).having(_N > 0),
    )
    return {
        "trunkline_queue_calls": _by_agent(found),
        "trunkline_queue_oldest_seconds": await _oldest(session, now),
    }


def _by_agent(found: Sequence[Any]) -> Counter[tuple[str, ...]]:
    sizes: Counter[str] = Counter()
    for agent_id, _, number in found:
        sizes[agent_id] += int(number)
    named = {agent_id for agent_id, _ in sizes.most_common(MOST_AGENTS)}
    calls: Counter[tuple[str, ...]] = Counter()
    for agent_id, priority, number in found:
        calls[agent_id if agent_id in named else OTHERS, band_of(priority)] += int(number)
    return calls


async def _oldest(session: AsyncSession, now: datetime) -> dict[tuple[str, ...], float]:
    kinds = (
        sql_select(col(CallTally.account_id), col(CallTally.priority))
        .where(IN_QUEUE)
        .group_by(col(CallTally.account_id), col(CallTally.priority))
        .having(_N > 0)
        .limit(MOST_LOOKS)
        .subquery()
    )
    first = (
        sql_select(col(Call.queued_at))
        .where(
            col(Call.account_id) == kinds.c.account_id,
            col(Call.priority) == kinds.c.priority,
            col(Call.queued_at).is_not(None),
        )
        .order_by(col(Call.queued_at))
        .limit(1)
        .scalar_subquery()
    )
    oldest: dict[tuple[str, ...], float] = {(target.band,): 0.0 for target in TARGETS}
    for priority, at in await rows_of(session, sql_select(kinds.c.priority, first)):
        band = band_of(priority)
        oldest[band,] = max(oldest[band,], _age(at, now))
    return oldest


async def _dials(session: AsyncSession, now: datetime) -> Samples:
    state = col(Attempt.state)
    open_ = sql_select(state, func.count()).where(col(Attempt.settled_at).is_(None))
    found = dict(map(tuple, await rows_of(session, open_.group_by(state))))
    is_live = col(Lease.expires_at) > now
    kept = sql_select(is_live, func.count()).where(col(Lease.released_at).is_(None))
    leases = {bool(live): n for live, n in await rows_of(session, kept.group_by(is_live))}
    paused = sql_select(func.count()).where(col(Account.paused_since).is_not(None))
    return {
        "trunkline_attempts_open": {(one.value,): found.get(one, 0) for one in AttemptState},
        "trunkline_leases": {("live",): leases.get(True, 0), ("expired",): leases.get(False, 0)},
        "trunkline_accounts_paused": {(): await _number(session, paused)},
        "trunkline_calls_without_workflow": {(): await _up_to_most(session, *_unstarted(now))},
    }


async def _promises(session: AsyncSession, now: datetime) -> Samples:
    """In one statement: the open ones, which are few, and those that were settled of late."""
    is_late = and_(col(Promise.state) == PromiseState.OPEN, col(Promise.due_at) < now - LATE)
    state = case((is_late, "overdue"), else_=cast(col(Promise.state), Text))
    is_open: ColumnElement[bool] = literal_column("state = 'open'")
    recent = or_(is_open, col(Promise.settled_at) >= now - timedelta(days=1))
    counted = sql_select(state, func.count()).where(recent).group_by(state)
    found = {str(one): int(number) for one, number in await rows_of(session, counted)}
    return {"trunkline_promises": {(one,): found.get(one, 0) for one in _PROMISES}}


_PROMISES = ("open", "overdue", "kept", "missed")


def _unstarted(now: datetime) -> Iterator[ColumnElement[bool]]:
    # Literally as the partial index says it, or SQLite would not use it.
    yield literal_column("status = 'Created' AND (waiting_for IS NULL OR waiting_for <> 'slot')")
    at_once = and_(col(Call.next_attempt_at).is_(None), col(Call.created_time) < now - LATE)
    yield or_(at_once, col(Call.next_attempt_at) < now)


async def _webhooks(session: AsyncSession, now: datetime) -> Samples:
    kind = (col(Webhook.is_enabled), col(Webhook.failing_since).is_not(None))
    states: Counter[tuple[str, ...]] = Counter({("ok",): 0, ("failing",): 0, ("disabled",): 0})
    for enabled, failing, number in await rows_of(
        session, sql_select(*kind, func.count()).group_by(*kind)
    ):
        states[("failing" if failing else "ok") if enabled else "disabled",] += number
    is_due: tuple[ColumnElement[bool], ...] = (
        col(Delivery.webhook_id) == col(Webhook.webhook_id),
        literal_column("delivery.state = 'pending'"),
        col(Delivery.next_at) <= now,
        col(Webhook.is_enabled).is_(True),
    )
    due = sql_select(literal("1")).select_from(Delivery, Webhook).where(*is_due).limit(MOST)
    number = await _number(session, sql_select(func.count()).select_from(due.subquery()))
    overdue = await _overdue(session, now) if number else 0.0
    return {
        "trunkline_webhooks": states,
        "trunkline_webhook_deliveries_due": {(): number},
        "trunkline_webhook_overdue_seconds": {(): overdue},
    }


async def _overdue(session: AsyncSession, now: datetime) -> float:
    first = (
        sql_select(col(Delivery.next_at))
        .where(
            col(Delivery.webhook_id) == col(Webhook.webhook_id),
            literal_column("delivery.state = 'pending'"),
        )
        .order_by(col(Delivery.next_at))
        .limit(1)
        .scalar_subquery()
    )
    enabled = sql_select(first).where(col(Webhook.is_enabled).is_(True)).limit(MOST_LOOKS)
    return max((_age(at, now) for (at,) in await rows_of(session, enabled)), default=0.0)


async def _work(session: AsyncSession, now: datetime, loops: Collection[str]) -> Samples:
    held = await loop_leases.held(session)
    present = await workers.present(session, now - PRESENT)
    return {
        "trunkline_loop_held": {(name,): float(name in held) for name in loops},
        "trunkline_workers": {(): len(present)},
    }


async def _up_to_most(session: AsyncSession, *conditions: ColumnElement[bool]) -> int:
    some = sql_select(literal("1")).select_from(Call).where(*conditions).limit(MOST)
    return await _number(session, sql_select(func.count()).select_from(some.subquery()))


async def _number(session: AsyncSession, statement: Any) -> int:
    return int((await rows_of(session, statement))[0][0])


def _age(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else max(0.0, (now - at).total_seconds())
