"""All that policy may know about a call, gathered in two queries."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.call import AttemptFact, EndpointKind, Facts
from storage.specs import (
    retry_plan,
    voicemail_action,
    weekly_from_days_spec,
    weekly_from_hours_spec,
)
from storage.tables import Account, Agent, Attempt, Call


async def gather(session: AsyncSession, call: Call) -> Facts:
    """The facts of a call as they are now."""
    statement = select(Agent, Account).where(
        col(Agent.agent_id) == call.agent_id, col(Account.account_id) == col(Agent.account_id)
    )
    agent, account = (await session.exec(statement)).one()
    return _facts(call, agent, account, await _settled(session, call.call_id))


def facts_for_new(call: Call, agent: Agent, account: Account) -> Facts:
    """The facts of a call that is about to be accepted; asks the database nothing."""
    return _facts(call, agent, account, ())


def facts_of_agent(agent: Agent, account: Account) -> Facts:
    """What is the same for every new call of an agent; `facts_like` adds the call."""
    return Facts(
        endpoint="",
        endpoint_kind=EndpointKind.PHONE,
        agent_enabled=agent.is_enabled and agent.deleted_time is None,
        agent_zone=agent.timezone,
        business_hours=weekly_from_hours_spec(agent.business_hours_spec),
        waived_rules=frozenset(waiver["rule"] for waiver in account.waivers),
        redial_unknown=account.redial_unknown,
    )


def facts_like(known: Facts, row: Mapping[str, Any]) -> Facts:
    """The facts of a new call given as columns, over those of its agent and account.

    All that acceptance looks at; the retry plan and the voicemail matter only after a dial.
    """
    return replace(
        known,
        endpoint=row["endpoint"],
        endpoint_kind=row["endpoint_kind"],
        call_window=weekly_from_days_spec(row["window_spec"]),
        recipient_zone=row["recipient_spec"].get("timezone"),
        recipient_country=row["recipient_spec"].get("country"),
        recipient_postal_code=row["recipient_spec"].get("postalCode"),
        not_before=row["not_before"],
        deadline=row["call_deadline"],
        ring_timeout=row["ring_timeout"],
    )


async def _settled(session: AsyncSession, call_id: str) -> tuple[AttemptFact, ...]:
    statement = (
        select(Attempt.number, Attempt.dialed_at, Attempt.settled_at, Attempt.result)
        .where(
            col(Attempt.call_id) == call_id,
            col(Attempt.settled_at).is_not(None),
            col(Attempt.result).is_not(None),
        )
        .order_by(col(Attempt.number))
    )
    return tuple(AttemptFact(*row) for row in (await session.exec(statement)).all())


def _facts(call: Call, agent: Agent, account: Account, attempts: Sequence[AttemptFact]) -> Facts:
    return replace(
        facts_of_agent(agent, account),
        endpoint=call.endpoint,
        endpoint_kind=call.endpoint_kind,
        call_window=weekly_from_days_spec(call.window_spec),
        recipient_zone=call.recipient_spec.get("timezone"),
        recipient_country=call.recipient_spec.get("country"),
        recipient_postal_code=call.recipient_spec.get("postalCode"),
        not_before=call.not_before,
        deadline=call.call_deadline,
        ring_timeout=call.ring_timeout,
        retry=retry_plan(call.retry_spec),
        voicemail_action=voicemail_action(call.voicemail_spec),
        reported_outcome=call.reported_outcome,
        cancel_requested=call.cancel_requested,
        attempts=tuple(attempts),
        agent_deleted=agent.deleted_time is not None,
    )
