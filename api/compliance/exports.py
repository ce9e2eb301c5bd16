"""Long lists as CSV, sent while they are read."""

from collections.abc import AsyncIterator
from datetime import datetime

from api.files.csv_writer import line
from api.http.deps import Services
from policy.model.purposes import Purpose
from storage.compliance import exports
from storage.compliance.exports import PAGE, ExportPeriod
from storage.tables import Account, Attempt, Call, Consent

_ATTEMPT_HEAD = (
    *("callId", "attempt", "agentId", "campaignId", "endpoint", "callerId", "purpose", "subject"),
    *("dialedAt", "answeredAt", "endedAt", "result", "answeredBy", "durationSeconds", "carrierSid"),
    *("notices", "extension"),
)
_CONSENT_HEAD = (
    *("consentId", "endpoint", "tier", "method", "evidence", "scope", "scopeId"),
    *("grantedTime", "expiresTime", "revokedTime", "revokedBy", "recordedTime"),
)


async def attempts(uses: Services, account: Account, period: ExportPeriod) -> AsyncIterator[str]:
    """Every dial of a period, a line each."""
    yield line(*_ATTEMPT_HEAD)
    after: tuple[datetime, str] | None = None
    while True:
        async with uses.db.browse() as session:
            page = await exports.attempts(session, account.account_id, period, after)
        yield "".join(_attempt(*row) for row in page)
        if len(page) < PAGE:
            return
        after = page[-1][0].dialed_at, page[-1][0].attempt_id


async def consents(uses: Services, account: Account, period: ExportPeriod) -> AsyncIterator[str]:
    """Every consent that was given or taken back in a period, a line each."""
    yield line(*_CONSENT_HEAD)
    after: tuple[datetime, str] | None = None
    while True:
        async with uses.db.browse() as session:
            page = await exports.consents(session, account.account_id, period, after)
        yield "".join(map(_consent, page))
        if len(page) < PAGE:
            return
        after = page[-1].created_time, page[-1].consent_id


def _attempt(attempt: Attempt, call: Call, usual: Purpose | None) -> str:
    return line(
        *(attempt.call_id, attempt.number, call.agent_id, call.campaign_id),
        *(attempt.to_endpoint, attempt.from_endpoint, call.purpose or usual, attempt.subject),
        *(attempt.dialed_at, attempt.answered_at, attempt.ended_at, attempt.result),
        *(attempt.answered_by, attempt.duration_seconds, attempt.carrier_sid),
        *(" ".join(attempt.notices), call.extension),
    )


def _consent(row: Consent) -> str:
    revocation = row.revocation or {}
    return line(
        *(row.consent_id, row.endpoint, row.tier, row.method, row.evidence, row.scope),
        *(row.scope_of, row.granted_time, row.expires_time, row.revoked_time),
        *(revocation.get("method"), row.created_time),
    )
