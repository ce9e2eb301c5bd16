"""The audit of one call, put together from what was kept when it happened."""

from collections.abc import Sequence

from api.audit.rule_texts import RuleTexts, rules_version
from api.audit.schemas import Audit, AuditedAttempt, AuditedDecision, AuditedFinding
from api.calls import commands
from api.calls.number_views import attempt_fields
from api.calls.views import call_view, event_view
from api.calls.workflow_link import workflow_url
from api.compliance.explain import finding_view
from api.compliance.schemas import consent_view, suppression_view
from api.http.deps import Services
from api.http.schema import JsonObject
from storage.attempts import attempts
from storage.calls import decisions
from storage.compliance import consents, overlays, suppressions
from storage.events import event_log
from storage.tables import Account, Agent, Attempt, Call, DecisionRow
from storage.tables.specs import endpoints_of

#: Consents, and do-not-call entries, of one number.
_MOST = 1000


async def audit(uses: Services, account: Account, call_id: str) -> Audit:
    """Raises a 404 Problem if the account has no such call."""
    own = account.account_id
    async with uses.db.read() as session:
        call = await commands.found(session, account.account_id, call_id)
        numbers = endpoints_of(call.__dict__)
        agent = await session.get(Agent, call.agent_id)
        assert agent is not None
        wording = RuleTexts(
            await uses.gatherer.book_of(session, account),
            await overlays.ever(session, account.account_id),
        )
        ledger = await attempts.of_call(session, call_id)
        given = [
            row
            for one in numbers
            for row in (await consents.page(session, own, 0, _MOST, endpoint=one))[0]
        ]
        entries = [
            row
            for one in numbers
            for row in (await suppressions.page(session, own, uses.now(), 0, _MOST, endpoint=one))[
                0
            ]
        ]
        return Audit(
            **_of_call(call, agent),
            consents=[consent_view(row) for row in given],
            suppressions=[suppression_view(row) for row in entries],
            decisions=[
                _decision(row, wording) for row in await decisions.of_call(session, call_id)
            ],
            attempts=[_attempt(row, numbers) for row in ledger],
            events=[event_view(row) for row in await event_log.of_call(session, call_id)],
            carrier_ids=[row.carrier_sid for row in ledger if row.carrier_sid],
            temporal_ui=workflow_url(uses.settings, call_id),
        )


def _of_call(call: Call, agent: Agent) -> dict[str, object]:
    return {
        "call_id": call.call_id,
        "agent_id": call.agent_id,
        "agent_name": agent.name,
        "campaign_id": call.campaign_id,
        "endpoint": call.endpoint,
        "endpoint_kind": call.endpoint_kind,
        "extension": call.extension,
        "purpose": call.purpose or agent.purpose,
        "voice": agent.voice,
        "subject": call.subject,
        "status": call.status,
        "outcome": call.outcome,
        "reason": call.reason,
        "detail": call.detail,
        "created_time": call.created_time,
        "completed_time": call.completed_time,
        "stated_consent": call.consent_spec,
        "numbers": call_view(call).numbers,
    }


def _decision(row: DecisionRow, wording: RuleTexts) -> AuditedDecision:
    return AuditedDecision(
        step=row.step,
        at=row.at,
        kind=row.kind,
        reason=row.reason,
        detail=row.detail,
        until=row.until,
        rules=[_finding(row, one, wording) for one in row.findings],
        versions=row.versions,
        rules_version=rules_version(row),
        inputs_sha256=row.inputs_sha256,
    )


def _finding(row: DecisionRow, found: JsonObject, wording: RuleTexts) -> AuditedFinding:
    words = wording.of(found["rule"], row)
    view = finding_view(found["rule"], found["verdict"], found["detail"], words.rule)
    return AuditedFinding(**view.model_dump(), words_of=words.of)


def _attempt(row: Attempt, numbers: Sequence[str]) -> AuditedAttempt:
    said = attempt_fields(row, numbers if len(numbers) > 1 else ())
    return AuditedAttempt(**said, caller_id=row.from_endpoint, notices=row.notices)
