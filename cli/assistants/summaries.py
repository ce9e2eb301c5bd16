"""From what the API answers to what a tool answers."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers

from cli.assistants import answers
from cli.assistants.answers import bounded, short
from trunkline_client.models import (
    AccountView,
    Audit,
    CallDetail,
    CallPreviewView,
    CallView,
    CampaignDetail,
    CampaignView,
    Explanation,
    QueuedCallView,
)

_DIALS, _DECISIONS, _RULES = 20, 10, 30


def _call(call: CallView | CallDetail | QueuedCallView) -> dict[str, Any]:
    same = (
        "call_id", "endpoint", "agent_id", "campaign_id", "status", "outcome", "waiting_for",
        "reason", "priority", "cancel_requested", "created_time", "next_attempt_at",
        "completed_time", "duration_seconds",
    )  # fmt: skip
    found = {name: getattr(call, name) for name in same}
    return {**found, "detail": short(call.detail), "attempts": call.attempt_count}


def call(call: CallView | CallDetail) -> answers.CallSummary:
    return answers.CallSummary(**_call(call))


def queued(call: QueuedCallView) -> answers.QueuedSummary:
    return answers.QueuedSummary(
        **_call(call), position=call.position, expected_start=call.expected_start
    )


def story(call: CallDetail) -> answers.CallStory:
    dials = [
        answers.Dial(
            number=one.number,
            result=one.result,
            state=one.state,
            dialed_at=one.dialed_at,
            answered_at=one.answered_at,
            answered_by=one.answered_by,
            duration_seconds=one.duration_seconds,
            error=short(one.error),
        )
        for one in call.attempts[-_DIALS:]
    ]
    return answers.CallStory(
        **_call(call),
        position=call.position,
        expected_start=call.expected_start,
        deadline=call.call_deadline,
        context=bounded(call.context),
        result=bounded(call.result),
        dials=dials,
    )


def _rules(found: Any) -> list[answers.RuleWord]:
    return [
        answers.RuleWord(
            rule=one.rule,
            verdict=one.verdict,
            detail=short(one.detail),
            demands=short(one.demands),
            source=short(one.source),
        )
        for one in found[:_RULES]
    ]


def reasons(audit: Audit) -> answers.Reasons:
    decisions = [
        answers.DecisionStory(
            at=one.at,
            kind=one.kind,
            reason=one.reason,
            detail=short(one.detail),
            until=one.until,
            rules=_rules(one.rules),
        )
        for one in audit.decisions[-_DECISIONS:]
    ]
    return answers.Reasons(
        call_id=audit.call_id,
        status=audit.status,
        outcome=audit.outcome,
        detail=short(audit.detail),
        decisions=decisions,
        consents_on_file=len(audit.consents),
        do_not_call_entries=len(audit.suppressions),
    )


def permission(endpoint: str, told: Explanation) -> answers.Permission:
    now = datetime.now(UTC)
    clocks = [
        answers.Clock(timezone=zone, local_time=now.astimezone(ZoneInfo(zone)))
        for zone in told.timezones[:_RULES]
    ]
    return answers.Permission(
        endpoint=endpoint,
        permitted=told.permitted,
        now=told.now,
        next_at=told.next_at,
        reason=told.reason,
        detail=short(told.detail),
        clocks=clocks,
        jurisdictions=told.jurisdictions[:_RULES],
        said_first=dict(list(told.notices.items())[:_RULES]),
        rules=_rules(told.rules),
    )


def plan(told: CallPreviewView, agent: str, account: AccountView | None) -> answers.CallPlan:
    clocks = [
        answers.Clock(timezone=one.timezone, local_time=one.local_time)
        for one in told.clocks[:_RULES]
    ]
    return answers.CallPlan(
        endpoint=told.endpoint,
        caller_id=told.caller_id,
        agent=agent,
        decision=told.decision,
        until=told.until,
        reason=told.reason,
        detail=short(told.detail),
        clocks=clocks,
        position=told.position,
        expected_start=told.expected_start,
        cost=_cost(told, account),
    )


def _cost(told: CallPreviewView, account: AccountView | None) -> answers.Cost:
    rates = account.rates if account else {}
    kind: Any = "sip"
    if not told.endpoint.startswith("sip"):
        places = {_country(told.endpoint), _country(told.caller_id)}
        kind = "domestic" if len(places) == 1 else "international"
        kind = "unknown" if None in places else kind
    return answers.Cost(
        kind=kind, currency=rates.get("currency"), per_minute=rates.get("perMinute")
    )


def _country(number: str) -> str | None:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None


def campaign(found: CampaignView | CampaignDetail) -> answers.CampaignSummary:
    return answers.CampaignSummary(**_campaign(found))


def _campaign(found: CampaignView | CampaignDetail) -> dict[str, Any]:
    same = ("campaign_id", "name", "status", "reason", "agent_id", "created_time")
    return {name: getattr(found, name) for name in same} | {"detail": short(found.detail)}


def progress(found: CampaignDetail) -> answers.CampaignProgress:
    now = found.progress
    return answers.CampaignProgress(
        **_campaign(found),
        contacts=now.contacts,
        statuses=now.statuses,
        outcomes=now.outcomes,
        dials=now.attempts,
        in_flight=now.in_flight,
        waiting={
            "slot": now.waiting.slot,
            "window": now.waiting.window,
            "retry": now.waiting.retry,
        },
        calls_per_minute=now.calls_per_minute,
        spent=now.spent,
        eta=now.eta,
        deadline_risk=short(now.deadline_risk.detail) if now.deadline_risk else None,
    )
