"""From a request to a call: the agent's defaults filled in, wall times resolved, policy asked.

Nothing here knows of HTTP beyond the problems it raises, so every way in can use it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.reminder_drafts import CallColumns, wanted
from api.calls.schemas import CallRequest, StatedConsent
from api.http.json_body import size_of
from api.http.problems import Problem, invalid, refused
from api.http.schema import JsonObject
from policy.accounts import pricing
from policy.calls.acceptance import examine
from policy.location import caller_ids
from policy.location.endpoints import Endpoint, parse_endpoint
from policy.model.call import Refusal, VoicemailAction
from policy.time.wall_time import UnknownZone, WallTimeGap, is_zone, resolve_local
from policy.time.windows import BadWindow
from storage.accounts import agents, pathways
from storage.attempts import costs
from storage.calls import calls, reminder_sequences
from storage.facts.gather import FactGatherer, facts_of
from storage.tables import Account, Agent, Call, Pathway, specs
from storage.tables.columns import new_id

MAX_ADDITIONAL_DATA = 16 * 1024
#: Beyond this a date is a slip of the pen, and calendars are not known.
FARTHEST = timedelta(days=2 * 366)

Fold = Literal["earlier", "later"]


async def accept(
    session: AsyncSession,
    account: Account,
    request: CallRequest,
    gatherer: FactGatherer,
    now: datetime,
) -> list[Call]:
    """Insert the call that was asked for, or its reminders; raises a Problem if one is refused."""
    agent = await agents.get(session, account.account_id, request.agent_id)
    if agent is None:
        raise invalid("unknown_agent", "agentId", "There is no such agent.")
    asked = drafts(request, agent, account.account_id, now)
    made = [Call(**row) for row in asked.rows]
    broke = await balance_refusal(session, account)
    if broke is not None:
        raise refused([broke])
    pathway = await require_pathway(session, account.account_id, made[0].pathway_id)
    book = await gatherer.book_of(session, account)
    people = await gatherer.people(session, account.account_id, [made[0].endpoint], book, now)
    known = gatherer.of_agent(agent, account, book, pathway, made[0].purpose)
    for index, call in enumerate(made):
        refusal = examine(facts_of(known, call, people.of(call.endpoint)), now)
        if refusal is not None:
            raise refused([asked.named(refusal, index)])
    if not request.allow_duplicate:
        await _refuse_duplicate(session, made[0], now)
    await _insert(session, asked, made, now)
    return made


async def _insert(
    session: AsyncSession, asked: CallColumns, made: Sequence[Call], now: datetime
) -> None:
    if asked.sequence is not None:
        await reminder_sequences.insert_rows(session, [asked.sequence])
    for call in made:
        await calls.insert(session, call, now)


async def balance_refusal(session: AsyncSession, account: Account) -> Refusal | None:
    """Why the account's money lets no new call in; asks the database only where there is a limit.

    A campaign's own limit refuses no contacts: its calls wait until it is raised.
    """
    if account.spend_limit is None:
        return None
    spent = await costs.of_account(session, account.account_id)
    return pricing.refusal(account.spend_limit, spent)


def drafts(request: CallRequest, agent: Agent, account_id: str, now: datetime) -> CallColumns:
    """The calls as columns, not stored: what the request says over what the agent says."""
    row = _columns(request, agent, account_id, now)
    zone = row["timezone"]
    appointment = instant(request.appointment_at, zone, "earlier", "appointmentAt", now)
    return wanted(request, row, appointment, now)


def _columns(request: CallRequest, agent: Agent, account_id: str, now: datetime) -> JsonObject:
    """The columns of a call by their names, without what every new call has alike."""
    endpoint = read_endpoint(request.endpoint, "endpoint")
    zone = request_zone(request.timezone, agent.timezone)
    schedule = request.schedule
    not_before = schedule.not_before if schedule else None
    return {
        "call_id": new_id(),
        "account_id": account_id,
        "agent_id": agent.agent_id,
        "pathway_id": request.pathway_id or agent.pathway_id,
        "endpoint": endpoint.value,
        "endpoint_kind": endpoint.kind,
        "caller_id": _caller_id(request, agent, endpoint.value),
        "priority": request.priority,
        "timezone": zone,
        "not_before": instant(not_before, zone, "later", "schedule.notBefore", now),
        "call_deadline": instant(request.call_deadline, zone, "earlier", "callDeadline", now),
        "window_spec": _window_spec(request),
        "retry_spec": _retry_spec(request, agent),
        "voicemail_spec": _voicemail_spec(request, agent),
        "recipient_spec": request.recipient.as_spec() if request.recipient else {},
        "ring_timeout": _or(request.ring_timeout, agent.ring_timeout),
        "max_duration": _or(request.max_duration, agent.max_duration),
        "recording": _or(request.recording, agent.recording),
        "purpose": request.purpose,
        "subject": request.subject,
        "consent_spec": _consent_spec(request.consent, now),
        "sequence_id": None,
        "remind_before": None,
        "context": request.context,
        "additional_data": _additional_data(request),
    }


def read_endpoint(text: str, field: str) -> Endpoint:
    """The endpoint in its normal form; raises a Problem that names `field`."""
    found = parse_endpoint(text)
    if isinstance(found, Refusal):
        raise refused([replace(found, field=field)])
    return found


def request_zone(said: str | None, default: str) -> str:
    """The zone of a request's wall times."""
    if said is not None and not is_zone(said):
        raise unknown_zone("timezone")
    return said or default


def unknown_zone(field: str) -> Problem:
    message = "This is not a name in the tz database, like America/New_York."
    return invalid("unknown_timezone", field, message)


def instant(
    said: datetime | None, zone: str, fold: Fold, field: str, now: datetime
) -> datetime | None:
    """What was said as an instant; without an offset it is a wall time in `zone`."""
    if said is None:
        return None
    if not 1970 < said.year <= now.year + 3:
        raise _out_of_range(field)
    found = said if said.utcoffset() is not None else _from_wall(said, zone, fold, field)
    if found > now + FARTHEST:
        raise _out_of_range(field)
    return found.astimezone(UTC)


def _out_of_range(field: str) -> Problem:
    return invalid("out_of_range", field, "The time must be within the next two years.")


def _from_wall(said: datetime, zone: str, fold: Fold, field: str) -> datetime:
    try:
        return resolve_local(said.replace(tzinfo=None), zone, fold=fold)
    except WallTimeGap as exc:
        raise invalid("wall_time_gap", field, f"{exc}.") from None
    except UnknownZone:
        raise unknown_zone("timezone") from None


def voicemail_must_speak(spec: JsonObject) -> None:
    """A message is needed where one is to be left."""
    if spec.get("action") == VoicemailAction.LEAVE_MESSAGE and not spec.get("message"):
        raise invalid("required", "voicemail.message", "leave_message needs a message.")


async def require_pathway(
    session: AsyncSession, account_id: str, pathway_id: str | None
) -> Pathway:
    """The pathway; refuses one that does not exist, and none at all."""
    if pathway_id is None:
        message = "Neither the request nor the agent names a pathway."
        raise invalid("required", "pathwayId", message)
    found = await pathways.get(session, account_id, pathway_id)
    if found is None:
        raise invalid("unknown_pathway", "pathwayId", "There is no such pathway.")
    return found


def _or(said: Any, default: Any) -> Any:
    return default if said is None else said


def _consent_spec(stated: StatedConsent | None, now: datetime) -> JsonObject | None:
    if stated is None:
        return None
    if stated.granted_time is not None and stated.granted_time > now:
        raise invalid("out_of_range", "consent.grantedTime", "This is in the future.")
    return stated.as_spec()


def _caller_id(request: CallRequest, agent: Agent, endpoint: str) -> str:
    override = request.override_outbound_config
    said, field = request.caller_id, "callerId"
    if said is None and override is not None and override.phone_number is not None:
        said, field = override.phone_number, "overrideOutboundConfig.phoneNumber"
    if said is None:
        if not agent.caller_ids:
            raise invalid("required", "callerId", "The agent has no caller IDs.")
        return caller_ids.choose(agent.caller_ids, endpoint)
    found = read_endpoint(said, field).value
    if found not in agent.caller_ids:
        raise invalid("not_the_agents", field, "This caller ID is not one of the agent's.")
    return found


def _window_spec(request: CallRequest) -> JsonObject | None:
    if request.schedule is None or request.schedule.window is None:
        return None
    spec = request.schedule.window.as_spec()
    try:
        specs.weekly_from_days_spec(spec)
    except BadWindow as exc:
        raise invalid("bad_window", "schedule.window", f"{exc}.") from None
    return spec


def _retry_spec(request: CallRequest, agent: Agent) -> JsonObject:
    said = request.retry.as_spec() if request.retry else {}
    return {**specs.DEFAULT_RETRY_SPEC, **(agent.retry_spec or {}), **said}


def _voicemail_spec(request: CallRequest, agent: Agent) -> JsonObject:
    spec = request.voicemail.as_spec() if request.voicemail else agent.voicemail_spec or {}
    voicemail_must_speak(spec)
    return spec


def _additional_data(request: CallRequest) -> JsonObject:
    if size_of(request.additional_data) > MAX_ADDITIONAL_DATA:
        raise invalid("too_large", "additionalData", "additionalData is larger than 16 KiB.")
    return request.additional_data


async def _refuse_duplicate(session: AsyncSession, call: Call, now: datetime) -> None:
    other = await calls.find_duplicate(session, call.agent_id, call.endpoint, now)
    if other is not None:
        message = (
            f"Call {other} of this agent to this endpoint is open or not a minute old. "
            "Send allowDuplicate to call all the same."
        )
        raise invalid("duplicate", "endpoint", message)
