"""The sums from the calls' own rows, said otherwise than `policy.analytics.counters` does."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from storage.analytics.analytics import GroupBy, Groups
from storage.database.engine import Database
from storage.tables import Attempt, Call

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TALKED = ("completed", "confirmed", "declined", "opted_out")
_PLACES = {"+1212": "US-NY", "+1312": "US-IL", "+1415": "US-CA", "+4420": "GB"}
Head = Callable[[Call, str, str | None, datetime], str]


async def raw_sums(db: Database, account_id: str, by: GroupBy, zone: str = "UTC") -> Groups:
    """Every call and every dial of an account, added up one by one."""
    async with db.read() as session:
        calls = (await session.exec(select(Call).where(col(Call.account_id) == account_id))).all()
        every = (await session.exec(select(Attempt).order_by(col(Attempt.number)))).all()
    dials: dict[str, list[Attempt]] = defaultdict(list)
    for one in every:
        if one.settled_at is not None and one.result not in (
            *("throttled", "not_sent", "account_refused"),
        ):
            dials[one.call_id].append(one)
    found: Groups = defaultdict(Counter)
    head = _heads(zone)[by]
    for call in calls:
        place = _PLACES[call.endpoint[:5]]
        found[head(call, call.caller_id, place, call.created_time)].update(_call(call, dials))
        for dial in dials[call.call_id]:
            where = head(call, dial.from_endpoint, dial.jurisdiction, dial.dialed_at)
            found[where].update(_dial(dial))
    return {name: +sums for name, sums in found.items()}


def _heads(zone: str) -> dict[GroupBy, Head]:
    local = ZoneInfo(zone)
    return {
        GroupBy.AGENT: lambda call, caller, place, at: call.agent_id,
        GroupBy.CAMPAIGN: lambda call, caller, place, at: call.campaign_id or "",
        GroupBy.PATHWAY: lambda call, caller, place, at: call.pathway_id or "",
        GroupBy.CALLER_ID: lambda call, caller, place, at: caller,
        GroupBy.JURISDICTION: lambda call, caller, place, at: place or "",
        GroupBy.DAY: lambda call, caller, place, at: str(
            (at.astimezone(local).date() - _EPOCH.date()).days
        ),
        GroupBy.HOUR_OF_WEEK: lambda call, caller, place, at: str(
            at.astimezone(local).weekday() * 24 + at.astimezone(local).hour
        ),
    }


def _call(call: Call, dials: dict[str, list[Attempt]]) -> Counter[str]:
    own = dials[call.call_id]
    up = [one for one in own if one.result in ("answered", "voicemail")]
    sums = Counter(
        scheduled=1,
        attempted=bool(own),
        connected=bool(up),
        answered=any(one.result == "answered" for one in up),
        completed=bool(up) and call.outcome in _TALKED,
        messages_left=bool(up) and call.outcome == "voicemail" and bool(call.message_left),
        opted_out=bool(up) and call.outcome == "opted_out",
        dials=len(own),
        timed=any(one.duration_seconds is not None for one in up),
        talked=sum(one.duration_seconds or 0 for one in up),
        cost=sum(one.cost or 0 for one in own),
    )
    if call.outcome is not None:
        sums[f"ended_{call.outcome}"] = 1
    if own:
        sums["waited"] = int((own[0].dialed_at - call.created_time).total_seconds())
    return sums


def _dial(dial: Attempt) -> Counter[str]:
    return Counter(
        attempts=1,
        attempts_answered=dial.result == "answered",
        attempts_voicemail=dial.result == "voicemail",
        spent=dial.cost or 0,
    )


def without_waits(groups: Groups) -> Groups:
    """Without the numbers of calls by how long they waited."""
    return {
        head: Counter({name: n for name, n in sums.items() if not name.startswith("wait_")})
        for head, sums in groups.items()
    }
