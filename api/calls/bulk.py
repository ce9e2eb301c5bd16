"""Many calls at once: each row is drafted by itself, then all that are good are stored together.

Rows stay dictionaries from the request to the table; agents, pathways and policy's answers are
looked up once. Nothing is locked while rows are looked at, and others get their turn in between.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.bulk_schemas import BulkCall, RowCode
from api.calls.submission import Draft, Submission, duplicate_of, insert
from api.http.json_body import MAX_CALL_BODY, size_of, storable_text
from api.http.problems import Problem, field_error, invalid
from api.http.schema import JsonObject
from policy.model.call import CallStatus, Refusal
from policy.model.reasons import RefusalCode
from storage.calls import calls
from storage.facts.gather import FactGatherer, PersonRecords
from storage.tables import Account

#: Rows looked at before others get their turn: some milliseconds.
ROWS_AT_ONCE = 50
#: Merged key by key with the defaults; every other field of a row takes a default's place.
_MERGED = ("context", "additionalData")

_ROW_CODES = {code.value: code for code in RowCode} | {
    RefusalCode.DEADLINE_PAST.value: RowCode.DEADLINE_UNREACHABLE,
    RefusalCode.REMINDERS_PAST.value: RowCode.DEADLINE_UNREACHABLE,
    RefusalCode.DEADLINE_BEFORE_START.value: RowCode.DEADLINE_UNREACHABLE,
    RefusalCode.REGISTRY_LISTED.value: RowCode.SUPPRESSED,
    RefusalCode.AMBIGUOUS_NUMBER.value: RowCode.INVALID_NUMBER,
    RefusalCode.ROUNDED_NUMBER.value: RowCode.INVALID_NUMBER,
    RefusalCode.HAS_EXTENSION.value: RowCode.INVALID_NUMBER,
    "unknown_agent": RowCode.AGENT_NOT_FOUND,
}


@dataclass(frozen=True, slots=True)
class BulkBatch:
    """A request: its rows as they came, and what holds for all of them."""

    rows: list[Any]
    defaults: JsonObject = field(default_factory=dict)
    #: Whether nothing in it is what some database cannot keep.
    is_storable: bool = False

    def said_of(self, row: JsonObject) -> JsonObject:
        """The row with the defaults for what it does not say."""
        said = {**self.defaults, **row}
        for name in _MERGED:
            given = self.defaults.get(name)
            if isinstance(given, dict) and isinstance(mine := row.get(name), dict):
                said[name] = {**given, **mine}
        return said

    def named(self, name: str) -> set[str]:
        """All texts that the rows or the defaults have under a name."""
        found = {row.get(name) for row in (self.defaults, *self.rows) if isinstance(row, dict)}
        return {value for value in found if isinstance(value, str)}


@dataclass(slots=True)
class RowResults:
    """What became of the rows so far."""

    drafts: list[Draft] = field(default_factory=list)
    refusals: dict[int, Refusal] = field(default_factory=dict)

    def refuse(self, draft: Draft, code: RowCode, message: str) -> None:
        self.refusals[draft.index] = Refusal(code, "endpoint", message)

    def accepted(self) -> Iterator[Draft]:
        return (draft for draft in self.drafts if draft.index not in self.refusals)


async def load(
    session: AsyncSession,
    account: Account,
    batch: BulkBatch,
    gatherer: FactGatherer,
    now: datetime,
) -> Submission:
    """What all rows are held against."""
    return await Submission.load(
        session,
        account,
        gatherer,
        now,
        agent_ids=batch.named("agentId"),
        pathway_ids=batch.named("pathwayId"),
    )


async def draft_rows(batch: BulkBatch, submission: Submission) -> RowResults:
    """Parse and build every row; nothing is asked yet about the people."""
    found = RowResults()
    for index, row in enumerate(batch.rows):
        if index % ROWS_AT_ONCE == 0:
            await asyncio.sleep(0)
        try:
            _require_storable(row, batch.is_storable)
            found.drafts.append(_draft(index, batch.said_of(row), submission))
        except ValidationError as exc:
            found.refusals[index] = field_error(exc.errors(include_url=False)[0])
        except Problem as exc:
            found.refusals[index] = exc.errors[0]
    return found


def _draft(index: int, said: JsonObject, submission: Submission) -> Draft:
    """Raises a Problem or a ValidationError for what speaks against the row by itself."""
    submission.require_balance()
    request = BulkCall.model_validate(said)
    draft = submission.draft(request, index)
    if request.client_token is not None:
        token = {"clientToken": request.client_token}
        for row in draft.asked.rows:
            row["additional_data"] = {**row["additional_data"], **token}
    return draft


async def examine(found: RowResults, submission: Submission, people: PersonRecords) -> None:
    """Refuse what policy has something against."""
    for count, draft in enumerate(list(found.accepted())):
        if count % ROWS_AT_ONCE == 0:
            await asyncio.sleep(0)
        refusal = submission.objection(draft, people)
        if refusal is not None:
            found.refusals[draft.index] = refusal
    _refuse_repeats(found)


def _require_storable(row: Any, is_storable: bool) -> None:
    if not isinstance(row, dict):
        raise invalid("wrong_type", "", "A row must be an object.")
    try:
        size = size_of(row) if is_storable else len(storable_text(row))
    except (ValueError, RecursionError):
        raise invalid("invalid_json", "", "The row is not JSON that can be stored.") from None
    if size > MAX_CALL_BODY:
        raise invalid("body_too_large", "", "The row is larger than 64 KiB.")


def _refuse_repeats(found: RowResults) -> None:
    """Of two rows that call the same endpoint, the second must say that it means it."""
    first: dict[tuple[str, str], int] = {}
    for draft in list(found.accepted()):
        earlier = next((first[one] for one in draft.pairs if one in first), None)
        if earlier is not None and not draft.allow_duplicate:
            message = (
                f"Row {earlier} calls this endpoint already. "
                "Set allowDuplicate to call it all the same."
            )
            found.refuse(draft, RowCode.DUPLICATE_IN_REQUEST, message)
        for pair in draft.pairs:
            first.setdefault(pair, draft.index)


async def store(session: AsyncSession, found: RowResults, now: datetime) -> None:
    """Insert what is no duplicate, in one transaction of the caller's."""
    await _refuse_duplicates(session, found, now)
    await insert(session, [draft.asked for draft in found.accepted()], now)


async def _refuse_duplicates(session: AsyncSession, found: RowResults, now: datetime) -> None:
    asked: dict[str, list[Draft]] = {}
    for draft in found.accepted():
        if not draft.allow_duplicate:
            asked.setdefault(draft.row["agent_id"], []).append(draft)
    # In one order everywhere, so that two requests never wait for each other.
    for agent_id in sorted(asked):
        endpoints = [one for draft in asked[agent_id] for one in draft.endpoints]
        known = await calls.find_duplicates(session, agent_id, endpoints, now)
        for draft in asked[agent_id] if known else ():
            other = next((known[one] for one in draft.endpoints if one in known), None)
            if other is not None:
                found.refuse(draft, RowCode.DUPLICATE, duplicate_of(other))


def answer(batch: BulkBatch, found: RowResults, now: datetime) -> JsonObject:
    """`bulk_schemas.BulkResult`, made by hand: thousands of rows need no second validation."""
    at = _spelled(now)
    accepted = {draft.index: _brief(draft.row, at) for draft in found.accepted()}
    results = [
        {
            "index": index,
            "clientToken": _token(row),
            **(
                {"status": "accepted", "call": accepted[index]}
                if index in accepted
                else {"status": "rejected", "error": _error(found.refusals[index])}
            ),
        }
        for index, row in enumerate(batch.rows)
    ]
    return {
        "results": results,
        "accepted": len(accepted),
        "rejected": len(batch.rows) - len(accepted),
    }


def _brief(row: JsonObject, at: str) -> JsonObject:
    due = row["next_attempt_at"]
    return {
        "callId": row["call_id"],
        "endpoint": row["endpoint"],
        "extension": row["extension"],
        "sequenceId": row["sequence_id"],
        "status": CallStatus.CREATED.value,
        "waitingFor": row["waiting_for"],
        "nextAttemptAt": None if due is None else _spelled(due),
        "createdTime": at,
    }


def _spelled(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _token(row: Any) -> str | None:
    """Echoed for refused rows, too, as far as it is one."""
    token = row.get("clientToken") if isinstance(row, dict) else None
    if not isinstance(token, str) or len(token) > 255:
        return None
    # Half a surrogate cannot be sent back.
    return None if any("\ud800" <= letter <= "\udfff" for letter in token) else token


def _error(refusal: Refusal) -> JsonObject:
    reason = str(refusal.code)
    return {
        "code": _row_code(refusal, reason).value,
        "field": refusal.field,
        "message": refusal.message,
        "reason": reason,
    }


def _row_code(refusal: Refusal, reason: str) -> RowCode:
    if refusal.field == "endpoint" and reason in _NO_NUMBER:
        return RowCode.INVALID_NUMBER
    return _ROW_CODES.get(reason, RowCode.INVALID_FIELD)


#: What the schema says of an endpoint that cannot be a number.
_NO_NUMBER = frozenset({"wrong_type", "too_short", "too_long"})
