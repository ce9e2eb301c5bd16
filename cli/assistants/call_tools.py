"""Tools about calls: asked about, scheduled, listed, explained, moved, ended."""

from datetime import datetime
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context
from mcp_types import InputRequiredResult
from pydantic import Field, StringConstraints

from cli.assistants import summaries
from cli.assistants.access import Access, offered
from cli.assistants.answers import (
    CallAct,
    CallPage,
    CallPlan,
    CallStory,
    Permission,
    QueuePage,
    Reasons,
)
from cli.assistants.confirmation import Answer, can_ask
from trunkline_client import AsyncTrunkline, Problem
from trunkline_client.models import AccountView, CallDetail, CallStatus, Outcome

Number = Annotated[
    str,
    Field(min_length=3, max_length=255, description="E.164 like +12025550123, or sip:user@domain."),
]
CallId = Annotated[str, Field(min_length=1, max_length=64, description="The call's id.")]
Agent = Annotated[
    str | None, Field(max_length=200, description="Name or id. Default: the only one.")
]
Limit = Annotated[int, Field(ge=1, le=50, description="How many to give.")]
Skip = Annotated[int, Field(ge=0, le=1_000_000, description="How many to leave out.")]
Confirm = Annotated[
    str | None,
    Field(
        max_length=200,
        description="Only if this tool has handed it out for the same arguments, and the person "
        "has agreed since.",
    ),
]
Values = Annotated[
    dict[str, Annotated[str, StringConstraints(max_length=2000)]] | None,
    Field(max_length=50, description="What the pathway's variables stand for."),
]
When = Annotated[
    str | None,
    Field(max_length=40, description="RFC 3339. Without an offset: on the agent's clock."),
]
Ctx = Context[Any, Any]


class CallTools:
    """Each method is a tool; its docstring is what the assistant reads."""

    def __init__(self, access: Access) -> None:
        self._access = access

    @offered("compliance:read", "May this person be called?")
    async def may_i_call(
        self,
        number: Number,
        agent: Agent = None,
        at: Annotated[datetime | None, Field(description="Default: now.")] = None,
    ) -> Permission:
        """Say whether a person may be called by an agent, when next, and why: every rule that is
        looked at, and the time where the person may be. Nothing is dialed."""
        async with self._access.api() as api:
            caller = await self._access.agent(api, agent)
            told = await api.explain_call(endpoint=number, agent_id=caller.agent_id, at=at)
            return summaries.permission(number, told)

    @offered("calls:write", "Schedule a call", changes=True)
    async def schedule_call(
        self,
        ctx: Ctx,
        number: Number,
        agent: Agent = None,
        context: Values = None,
        not_before: When = None,
        deadline: When = None,
        priority: Annotated[
            int | None, Field(ge=0, le=10, description="Higher first; default 5.")
        ] = None,
        confirm: Confirm = None,
    ) -> CallAct | InputRequiredResult:
        """Have an agent call a person: at once, or from a time on. A person has to confirm. Before
        that the answer only says in `plan` what would happen."""
        async with self._access.api() as api:
            caller = await self._access.agent(api, agent)
            body = {
                "agentId": caller.agent_id,
                "endpoint": number,
                "context": context or None,
                "schedule": {"notBefore": not_before} if not_before else None,
                "callDeadline": deadline,
                "priority": priority,
            }
            body = {name: value for name, value in body.items() if value is not None}
            plan, question = None, ""
            # What a word stands for was told with it, and may have been done already.
            if confirm is None or can_ask(ctx):
                told = await api.preview_call(body)
                plan = summaries.plan(told, caller.name, await _account(api))
                question = _question(plan, not_before)
            answer = await self._access.agreed(
                ctx, "schedule_call", {**body, "confirm": confirm}, question
            )
            if isinstance(answer, InputRequiredResult):
                return answer
            if not answer.given:
                return CallAct(done=False, told=answer.told, confirm=answer.word, plan=plan)
            made = await api.create_call(body, idempotency_key=answer.once)
            return CallAct(done=True, told="The call is scheduled.", call=summaries.call(made))

    @offered("calls:read", "List calls")
    async def list_calls(
        self,
        status: Annotated[list[CallStatus] | None, Field(max_length=10)] = None,
        outcome: Outcome | None = None,
        agent: Agent = None,
        campaign: Annotated[str | None, Field(max_length=200, description="Name or id.")] = None,
        number: Annotated[str | None, Field(max_length=255)] = None,
        since: Annotated[datetime | None, Field(description="Created at or after.")] = None,
        limit: Limit = 20,
        skip: Skip = 0,
    ) -> CallPage:
        """List calls, the newest first."""
        async with self._access.api() as api:
            page = await api.list_calls(
                status=status,
                outcome=outcome,
                agent_id=(await self._access.agent(api, agent)).agent_id if agent else None,
                campaign_id=await self._access.campaign_id(api, campaign) if campaign else None,
                endpoint=number,
                from_date=since,
                take=limit,
                skip=skip,
            )
        more = skip + len(page.calls) < page.total
        return CallPage(
            calls=[summaries.call(one) for one in page.calls], total=page.total, more=more
        )

    @offered("calls:read", "Show a call")
    async def show_call(self, call_id: CallId) -> CallStory:
        """Show one call: where it stands, what was tried, and what came of it."""
        async with self._access.api() as api:
            return summaries.story(await api.get_call(call_id))

    @offered("calls:read", "Explain a call")
    async def explain_call(self, call_id: CallId) -> Reasons:
        """Say why a call stands where it does: its decisions, with every rule and its word."""
        async with self._access.api() as api:
            return summaries.reasons(await api.audit_call(call_id))

    @offered("calls:read", "Show the queue")
    async def show_queue(self, limit: Limit = 20, skip: Skip = 0) -> QueuePage:
        """List calls that wait or are about to be dialed, with place in line and reason."""
        async with self._access.api() as api:
            page = await api.list_queue(take=limit, skip=skip)
        more = skip + len(page.calls) < page.total
        calls = [summaries.queued(one) for one in page.calls]
        return QueuePage(calls=calls, total=page.total, more=more)

    @offered("calls:write", "Cancel a call", changes=True, destroys=True)
    async def cancel_call(
        self, ctx: Ctx, call_id: CallId, confirm: Confirm = None
    ) -> CallAct | InputRequiredResult:
        """Cancel a call that waits or rings. With somebody on the line it is refused."""
        return await self._act(ctx, "cancel_call", "Cancel", call_id, confirm)

    @offered("calls:write", "Hang up", changes=True, destroys=True)
    async def hang_up_call(
        self, ctx: Ctx, call_id: CallId, confirm: Confirm = None
    ) -> CallAct | InputRequiredResult:
        """Hang up a call that somebody is on."""
        return await self._act(ctx, "hang_up_call", "Hang up", call_id, confirm)

    @offered("calls:write", "Reschedule a call", changes=True)
    async def reschedule_call(
        self,
        ctx: Ctx,
        call_id: CallId,
        not_before: Annotated[
            str, Field(max_length=40, description="RFC 3339. Without an offset: its own clock.")
        ],
        confirm: Confirm = None,
    ) -> CallAct | InputRequiredResult:
        """Give a call that waits another earliest time."""
        verb = f"Move to {not_before} or later:"
        return await self._act(ctx, "reschedule_call", verb, call_id, confirm, not_before)

    async def _act(
        self,
        ctx: Ctx,
        tool: Literal["cancel_call", "hang_up_call", "reschedule_call"],
        verb: str,
        call_id: str,
        confirm: str | None,
        not_before: str = "",
    ) -> CallAct | InputRequiredResult:
        async with self._access.api() as api:
            call = await api.get_call(call_id)
            arguments = {"call_id": call_id, "not_before": not_before, "confirm": confirm}
            question = f"{verb} the call to {call.endpoint}? It is {_standing(call)}."
            answer = await self._access.agreed(ctx, tool, arguments, question)
            if isinstance(answer, InputRequiredResult):
                return answer
            if not answer.given:
                return _not_done(answer, call)
            if tool == "reschedule_call":
                now = await api.reschedule_call(call_id, {"notBefore": not_before})
            else:
                now = await getattr(api, tool)(call_id)
        return CallAct(done=True, told="Done.", call=summaries.call(now))


def _not_done(answer: Answer, call: CallDetail) -> CallAct:
    return CallAct(done=False, told=answer.told, confirm=answer.word, call=summaries.call(call))


def _standing(call: CallDetail) -> str:
    return f"{call.outcome or call.status}: {call.detail}" if call.detail else call.status


async def _account(api: AsyncTrunkline) -> AccountView | None:
    """For its rates; a key that may not see them does without."""
    try:
        return await api.get_account()
    except Problem:
        return None


def _question(plan: CallPlan, not_before: str | None) -> str:
    ends = {
        "dial": "It would be dialed at once.",
        "queue": "It would wait for a free line.",
        "end": f"It would never be dialed: {plan.detail}.",
    }
    when = ends.get(plan.decision, f"It would wait: {plan.detail}.")
    if plan.decision == "wait" and plan.until:
        when += f" Next look: {plan.until.isoformat(timespec='minutes')}."
    there = [f"{one.local_time:%a %H:%M} in {one.timezone}" for one in plan.clocks[:3]]
    clock = f" There it is {', or '.join(there)}." if there else " The time there is not known."
    asked = f" Not before {not_before}." if not_before else ""
    return (
        f"Call {plan.endpoint} from {plan.caller_id}, by the agent {plan.agent}?{asked} {when}"
        f"{clock} {_price(plan)}"
    )


def _price(plan: CallPlan) -> str:
    cost = plan.cost
    if cost.per_minute is None or cost.currency is None:
        return f"A {cost.kind} call; this key may not see the rates."
    return f"A {cost.kind} call, {cost.per_minute / 1_000_000:.4f} {cost.currency} a minute."
