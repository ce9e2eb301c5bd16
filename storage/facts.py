"""All that policy may know about a call, gathered in two queries."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.call import AttemptFact, Facts
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
    return Facts(
        endpoint=call.endpoint,
        endpoint_kind=call.endpoint_kind,
        agent_enabled=agent.is_enabled and agent.deleted_time is None,
        agent_zone=agent.timezone,
        business_hours=weekly_from_hours_spec(agent.business_hours_spec),
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
        waived_rules=frozenset(waiver["rule"] for waiver in account.waivers),
        redial_unknown=account.redial_unknown,
        attempts=tuple(attempts),
        agent_deleted=agent.deleted_time is not None,
    )
