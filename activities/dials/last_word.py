"""The customer's own last word: a signed request before a dial, after its slot was granted."""

import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.clock import utcnow
from observability.metrics import LAST_WORDS
from policy.calls.last_word import MOST_BYTES, Answer, read_answer
from policy.model.call import AttemptResult
from policy.model.last_word import RULE, Verdict
from storage.attempts import attempts
from storage.clearances import last_words
from storage.database.engine import Database
from storage.database.locks import lock_call
from storage.facts.case_file import CaseFile
from storage.tables import Agent, Attempt, Call, LastWordRow, Pathway
from webhooks.sender import Sender
from webhooks.signature import signed_headers

log = structlog.get_logger(__name__)

DEFAULT_SECONDS, LONGEST_SECONDS = 5, 30
NO_SECRET = "the agent has no secret to sign by"


@dataclass(frozen=True, slots=True)
class _Question:
    """What is sent for an attempt, and under which id."""

    row: LastWordRow
    url: str
    seconds: float
    secret: str | None
    body: str
    declared: frozenset[str]


async def is_missing(
    session: AsyncSession, file: CaseFile, attempt: Attempt, now: datetime
) -> bool:
    """Whether the customer has to be asked first. A yes goes into the decision's evidence."""
    if not file.owner.agent.last_word_spec:
        return False
    row = await last_words.allows(session, attempt.call_id, attempt.number, now)
    if row is None:
        return True
    changed = f", changed {', '.join(row.changed)}" if row.changed else ""
    said = f"Asked {row.asked_at:%Y-%m-%d %H:%M:%S} UTC, answered in {row.milliseconds} ms{changed}"
    finding = {"rule": RULE, "verdict": Verdict.ALLOW.value, "detail": said}
    await last_words.note_in_decision(session, attempt.call_id, attempt.number, finding)
    return False


class LastWordAsker:
    """`private`: also at addresses of this machine and its networks."""

    def __init__(self, db: Database, *, private: bool = False) -> None:
        self._db = db
        self._private = private
        self._sender: Sender | None = None

    async def allows(self, call: Call, attempt: Attempt) -> bool:
        """Asks once. Anything but a yes ends the attempt, which then was never sent."""
        question = await self._question(call, attempt)
        began = time.perf_counter()
        answer = await self._asked(question)
        took = round((time.perf_counter() - began) * 1000)
        LAST_WORDS.labels(answer.verdict or "unanswered").inc()
        if answer.error:
            log.warning("last_word.unanswered", call_id=call.call_id, why=answer.error)
        return await self._kept(question, attempt, answer, took)

    async def _question(self, call: Call, attempt: Attempt) -> _Question:
        """The intent, committed before anything is sent."""
        now = utcnow()
        async with self._db.write() as session:
            held = await lock_call(session, call.call_id) or call
            row = await last_words.ask(session, call.call_id, attempt.number, now)
            agent = await session.get(Agent, call.agent_id)
            pathway = await session.get(Pathway, call.pathway_id) if call.pathway_id else None
            assert agent is not None
            spec = agent.last_word_spec or {}
            return _Question(
                row,
                spec.get("url", ""),
                min(float(spec.get("timeoutSeconds", DEFAULT_SECONDS)), LONGEST_SECONDS),
                agent.last_word_secret,
                _body(held, attempt, row),
                _declared(pathway),
            )

    async def _asked(self, question: _Question) -> Answer:
        if question.secret is None:
            return Answer(error=NO_SECRET)
        now = utcnow()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": question.row.request_id,
            **signed_headers([question.secret], question.row.request_id, now, question.body),
        }
        if self._sender is None:
            self._sender = Sender(private=self._private)
        result = await self._sender.post(
            question.url,
            headers,
            question.body,
            seconds=question.seconds,
            most=MOST_BYTES + 1,
        )
        if result.answer.error:
            return Answer(error=result.answer.error)
        body = result.body.encode()
        return read_answer(result.answer.status, body, question.declared, utcnow())

    async def _kept(self, question: _Question, attempt: Attempt, answer: Answer, took: int) -> bool:
        now = utcnow()
        async with self._db.write() as session:
            call = await lock_call(session, attempt.call_id)
            own = await last_words.answer(session, question.row, answer, took, now)
            if own and answer.verdict is Verdict.ALLOW and call is not None:
                if answer.context:
                    call.context = {**call.context, **answer.context}
                    session.add(call)
                    await session.flush()
                return True
            why = f"the customer's last word: {answer.verdict or answer.error}"
            await attempts.mark_over(session, attempt, AttemptResult.NOT_SENT, now, error=why)
        return False

    async def close(self) -> None:
        """Give back connections."""
        if self._sender is not None:
            await self._sender.close()


def _body(call: Call, attempt: Attempt, row: LastWordRow) -> str:
    said: dict[str, Any] = {
        "type": "call.last_word",
        "requestId": row.request_id,
        "callId": call.call_id,
        "agentId": call.agent_id,
        "campaignId": call.campaign_id,
        "attemptNumber": attempt.number,
        "endpoint": call.endpoint,
        "callerId": call.caller_id,
        "context": call.context,
        "additionalData": call.additional_data,
    }
    return json.dumps(said)


def _declared(pathway: Pathway | None) -> frozenset[str]:
    """The variables that the pathway declares: nothing else may be changed."""
    said = [] if pathway is None else pathway.definition.get("variables")
    names = said if isinstance(said, list) else []
    return frozenset(name for name in names if isinstance(name, str))
