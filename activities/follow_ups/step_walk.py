"""A contact goes on from a step that has ended to the next: a call, a text, a wait, an event."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.campaigns.steps import ANY, Step, StepKind, Steps, next_step
from policy.model.call import CallStatus
from storage.accounts import agents
from storage.calls import calls
from storage.calls.call_factory import CallSpec, call_columns
from storage.events import event_log
from storage.events.event_log import EventType
from storage.follow_ups import follow_ups
from storage.follow_ups.follow_ups import CALLING, OVER, TEXTING, WAITING
from storage.follow_ups.step_specs import steps_of
from storage.number_hash import ERASED
from storage.tables import Call, Campaign, FollowUp, JsonObject, OutgoingText


async def advance(session: AsyncSession, campaign: Campaign, now: datetime, *, page: int) -> None:
    """Whatever has ended is followed, a page at a time; the caller holds the campaign."""
    assert campaign.steps_spec is not None
    steps = steps_of(campaign.steps_spec)
    for row, call, result in await follow_ups.ended(session, campaign.campaign_id, now, page):
        if row.state == TEXTING:
            await _tell(session, call, row.step, now, {"kind": "text", "result": result})
        if row.promised_call_id is not None:
            follow_ups.return_to(row, row.promised_call_id)
        else:
            await _follow(session, campaign, steps, row, call, result, now)
        row.updated_time = now
        session.add(row)


async def _follow(
    session: AsyncSession,
    campaign: Campaign,
    steps: Steps,
    row: FollowUp,
    call: Call,
    result: str,
    now: datetime,
) -> None:
    """To the next step that takes time. They go round in no circle, so this ends."""
    name = next_step(steps, row.step, result)
    while name is not None and steps[name].kind is StepKind.TELL:
        row.step = name
        await _tell(session, call, name, now, {"kind": "tell"})
        name = steps[name].after(ANY)
    # Without its recipient's zone and context nobody is called, or written to, as was meant.
    if name is None or not call.kept or call.endpoint.startswith(ERASED):
        row.state, row.due_at = OVER, None
        return
    row.step, row.due_at, row.text_id = name, None, None
    await _begin(session, campaign, row, steps[name], call, now)


async def _begin(
    session: AsyncSession, campaign: Campaign, row: FollowUp, step: Step, call: Call, now: datetime
) -> None:
    if step.kind is StepKind.WAIT:
        row.state, row.due_at = WAITING, now + step.wait
    elif step.kind is StepKind.TEXT:
        text = OutgoingText(
            account_id=campaign.account_id,
            campaign_id=campaign.campaign_id,
            call_id=call.call_id,
            step=row.step,
            due_at=now,
        )
        session.add(text)
        row.state, row.text_id = TEXTING, text.text_id
    else:
        await _call(session, campaign, row, step, call, now)


async def _call(
    session: AsyncSession, campaign: Campaign, row: FollowUp, step: Step, call: Call, now: datetime
) -> None:
    """Another call of the campaign to the same person; the campaign begins its workflow."""
    agent = await agents.get(session, campaign.account_id, step.agent_id or call.agent_id)
    if agent is None or not agent.caller_ids:
        row.state = OVER
        return
    is_same, defaults = agent.agent_id == call.agent_id, campaign.defaults_spec
    said = CallSpec(
        endpoint=call.endpoint,
        endpoint_kind=call.endpoint_kind,
        extension=call.extension,
        priority=campaign.priority,
        timezone=call.timezone,
        pathway_id=step.pathway_id or (call.pathway_id if is_same else None),
        caller_id=call.caller_id if is_same else None,
        call_deadline=campaign.call_deadline,
        window_spec=call.window_spec,
        retry_spec=defaults.get("retry") or {},
        voicemail_spec=call.voicemail_spec,
        recipient_spec=call.recipient_spec,
        ring_timeout=defaults.get("ringTimeout"),
        max_duration=defaults.get("maxDuration"),
        recording=call.recording,
        purpose=call.purpose,
        subject=call.subject,
        consent_spec=call.consent_spec,
        numbers_spec=call.numbers_spec,
        context=call.context,
        additional_data=call.additional_data,
    )
    another = Call(
        **call_columns(said, agent),
        campaign_id=campaign.campaign_id,
        status=CallStatus.CREATED,
        created_time=now,
    )
    await calls.insert_many(session, [another], now)
    row.call_id, row.call_step, row.state = another.call_id, row.step, CALLING


async def _tell(
    session: AsyncSession, call: Call, step: str, now: datetime, data: JsonObject
) -> None:
    await event_log.append(session, call, EventType.FOLLOW_UP, now, {"step": step, **data})
