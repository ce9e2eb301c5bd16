"""What would become of a call if it were submitted now: refused, dialed, or to wait for what."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.schemas import CallRequest
from api.calls.submission import Draft, Submission, duplicate_of
from api.http.deps import Services
from api.http.problems import invalid, refused
from api.http.schema import JsonObject
from policy.calls.decide import decide
from policy.dispatch.queue_position import QueuePosition
from policy.location.endpoints import zones_of
from policy.model.call import Decision, DecisionKind
from storage.calls import calls
from storage.dispatch.queue import Candidate
from storage.dispatch.queue_position import in_line
from storage.tables import Account


@dataclass(frozen=True, slots=True)
class CallPreview:
    """`row`: the columns it would have. `zones`: where the recipient may be.

    `place`: in line for a slot, if nothing else keeps it; None where that is not known.
    """

    row: JsonObject
    decision: Decision
    zones: tuple[str, ...]
    place: QueuePosition | None


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
        person = people.of(draft.row["endpoint"])
        refusal = submission.objection(draft, person)
        if refusal is not None:
            raise refused([refusal])
        await _require_no_duplicate(session, draft, now)
        facts = submission.facts(draft, person)
        decision = decide(facts, now)
        is_ready = decision.kind is DecisionKind.DIAL
        place = await _place(session, account, draft.row, now) if is_ready else None
    return CallPreview(draft.row, decision, zones_of(facts), place)


async def _require_no_duplicate(session: AsyncSession, draft: Draft, now: datetime) -> None:
    if draft.allow_duplicate:
        return
    agent_id, endpoint = draft.pair
    found = await calls.find_duplicates(session, agent_id, [endpoint], now)
    if endpoint in found:
        raise invalid("duplicate", "endpoint", duplicate_of(found[endpoint], "Send"))


async def _place(
    session: AsyncSession, account: Account, row: JsonObject, now: datetime
) -> QueuePosition | None:
    newcomer = Candidate(
        row["call_id"], row["agent_id"], None, row["priority"], row["call_deadline"], now
    )
    places = await in_line(session, account, now, [newcomer.call_id], newcomer)
    return places.get(newcomer.call_id)
