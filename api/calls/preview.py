"""What would become of a call if it were submitted now: refused, dialed, or to wait for what."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.schemas import CallRequest
from api.calls.submission import Draft, Submission, duplicate_of
from api.http.deps import Services
from api.http.problems import invalid, refused
from api.http.schema import JsonObject, View
from policy.calls.decide import judge
from policy.dispatch.queue_position import QueuePosition
from policy.location.endpoints import zones_of
from policy.model.call import Decision, DecisionKind
from storage.calls import calls
from storage.dispatch.queue import Candidate
from storage.dispatch.queue_position import in_line
from storage.facts import daypart_rates
from storage.tables import Account


@dataclass(frozen=True, slots=True)
class CallPreview:
    """`row`: the columns it would have, at the number that the decision is about, which of several
    need not be the first. `zones`: where the recipient may be.

    `place`: in line for a slot, if nothing else keeps it; None where that is not known.
    """

    row: JsonObject
    decision: Decision
    zones: tuple[str, ...]
    place: QueuePosition | None


class ClockView(View):
    """A time zone, and what its clocks show now."""

    timezone: str
    local_time: datetime


class CallPreviewView(View):
    """What would become of the call. Nothing is kept: only what is submitted counts.

    `decision`: `dial` at once, `queue` for a slot, `wait` until `until`, or `end`: never. `reason`
    is a stable code, `detail` the same in one sentence. `position` and `expectedStart`: in line for
    a slot, if nothing else keeps it. Of several numbers all of it is about the one that would be
    called first.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "endpoint": "+12025550123",
                    "callerId": "+12025550100",
                    "agentId": "0b6f3a44-6c0e-4b52-9a49-0d1f3b1f7a55",
                    "pathwayId": None,
                    "priority": 5,
                    "callDeadline": None,
                    "decision": "wait",
                    "until": "2027-03-02T13:00:00Z",
                    "reason": "calling_hours",
                    "detail": "Outside the calling hours there",
                    "clocks": [
                        {
                            "timezone": "America/New_York",
                            "localTime": "2027-03-01T21:30:00-05:00",
                        }
                    ],
                    "position": None,
                    "expectedStart": None,
                }
            ]
        }
    )

    endpoint: str
    caller_id: str
    agent_id: str
    pathway_id: str | None
    priority: int
    call_deadline: datetime | None
    decision: DecisionKind
    until: datetime | None
    reason: str
    detail: str
    clocks: list[ClockView] = Field(description="Where the recipient may be, the likeliest first.")
    position: int | None
    expected_start: datetime | None


def preview_view(found: CallPreview, now: datetime) -> CallPreviewView:
    """As the API shows it."""
    same = ("endpoint", "caller_id", "agent_id", "pathway_id", "priority", "call_deadline")
    decision, place = found.decision, found.place
    return CallPreviewView(
        **{name: found.row[name] for name in same},
        decision=decision.kind,
        until=decision.until,
        reason=str(decision.reason),
        detail=decision.detail,
        clocks=[
            ClockView(timezone=zone, local_time=now.astimezone(ZoneInfo(zone)))
            for zone in found.zones
        ],
        position=place.position if place else None,
        expected_start=place.expected_start if place else None,
    )


async def preview(uses: Services, account: Account, request: CallRequest) -> CallPreview:
    """Raises the Problem with which such a call would be refused; writes nothing."""
    now = uses.now()
    async with uses.db.read() as session:
        submission = await Submission.load(
            session,
            account,
            uses.gatherer,
            now,
            agent_ids={request.agent_id},
            pathway_ids={request.pathway_id} if request.pathway_id else (),
        )
        draft = submission.draft(request)
        people = await submission.people(session, [draft])
        refusal = submission.objection(draft, people)
        if refusal is not None:
            raise refused([refusal])
        await _require_no_duplicate(session, draft, now)
        facts = submission.facts(draft, people)
        facts = await daypart_rates.told_best_times(session, account.account_id, facts, now)
        verdict = judge(facts, now)
        facts, decision = verdict.facts, verdict.decision
        is_ready = decision.kind is DecisionKind.DIAL
        place = await _place(session, account, draft.row, now) if is_ready else None
    at_number = {"endpoint": facts.endpoint, "caller_id": facts.caller_ids[0]}
    row = {**draft.row, **at_number} if facts.numbers else draft.row
    return CallPreview(row, decision, zones_of(facts), place)


async def _require_no_duplicate(session: AsyncSession, draft: Draft, now: datetime) -> None:
    if draft.allow_duplicate:
        return
    agent_id, endpoints = draft.row["agent_id"], draft.endpoints
    found = await calls.find_duplicates(session, agent_id, endpoints, now)
    other = next((found[one] for one in endpoints if one in found), None)
    if other is not None:
        raise invalid("duplicate", "endpoint", duplicate_of(other, "Send"))


async def _place(
    session: AsyncSession, account: Account, row: JsonObject, now: datetime
) -> QueuePosition | None:
    newcomer = Candidate(
        row["call_id"], row["agent_id"], None, row["priority"], row["call_deadline"], now
    )
    places = await in_line(session, account, now, [newcomer.call_id], newcomer)
    return places.get(newcomer.call_id)
