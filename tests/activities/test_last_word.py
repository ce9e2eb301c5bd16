"""Before a dial the customer is asked, signed, once its slot is there; without a yes it is none."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlmodel import select
from standardwebhooks.webhooks import Webhook
from temporalio.testing import ActivityEnvironment

from activities.dials.dial import DialActivities
from activities.dials.last_word import LastWordAsker
from contracts.calls import DialKind
from policy.model.call import AttemptResult
from policy.model.last_word import RULE
from storage.calls import decisions
from storage.clearances import last_words
from storage.facts.gather import FactGatherer
from storage.tables import Agent, Call, LastWordRow, Pathway
from tests.activities.conftest import PUBLIC_URL, Desk
from tests.simulator.harness import serving
from tests.storage import make
from tests.storage.make import NOW
from webhooks.signature import new_secret

ALLOW = {"verdict": "allow"}
BYE = {"kind": "hang_up", "text": "Goodbye."}


@dataclass
class Customer:
    """Answers as it is told, and remembers what it was asked."""

    answer: Any = field(default_factory=lambda: ALLOW)
    status: int = 200
    slow: float = 0.0
    away: bool = False
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    meanwhile: Callable[[], Any] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        body = (await receive())["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append((headers, body))
        if self.meanwhile is not None:
            await self.meanwhile()
        await asyncio.sleep(self.slow)
        said = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": said})


@dataclass
class Asking:
    desk: Desk
    customer: Customer
    dial: DialActivities
    secret: str

    async def run(self) -> DialKind:
        return (await ActivityEnvironment().run(self.dial.dial, self.desk.ref)).kind

    async def words(self) -> list[LastWordRow]:
        async with self.desk.db.read() as session:
            return list((await session.exec(select(LastWordRow))).all())


@pytest.fixture
async def asking(desk: Desk) -> AsyncIterator[Asking]:
    customer, secret = Customer(), new_secret()
    asker = LastWordAsker(desk.db, private=True)
    async with serving(customer) as url:
        async with desk.db.write() as session:
            agent = await session.get(Agent, desk.call.agent_id)
            call = await session.get(Call, desk.call.call_id)
            assert agent is not None
            assert call is not None
            agent.last_word_spec = {"url": f"{url}/word", "timeoutSeconds": 1}
            agent.last_word_secret = secret
            pathway = Pathway(
                account_id=desk.account.account_id,
                name="p",
                kind="script",
                definition={"variables": ["name"], "start": "bye", "nodes": {"bye": BYE}},
                created_time=NOW,
                updated_time=NOW,
            )
            session.add(pathway)
            await session.flush()
            call.pathway_id, call.context = pathway.pathway_id, {"name": "Ada", "kept": 1}
            session.add(agent)
            session.add(call)
        dial = DialActivities(
            desk.db, desk.carrier, FactGatherer(), public_url=PUBLIC_URL, last_word=asker
        )
        await desk.plan()
        async with desk.db.write() as session:
            await decisions.record(session, desk.call.call_id, 1, make.dial(1), NOW)
        yield Asking(desk, customer, dial, secret)
        await asker.close()


async def test_a_yes_is_signed_for_dialed_and_stands_in_the_decision(asking: Asking):
    asking.customer.answer = {"verdict": "allow", "context": {"name": "Grace"}}
    assert await asking.run() is DialKind.SENT
    ((headers, body),) = asking.customer.asked
    said = Webhook(asking.secret).verify(body.decode(), headers)
    assert said["callId"] == asking.desk.call.call_id
    assert headers["idempotency-key"] == headers["webhook-id"] == said["requestId"]
    call = await make.call_seen(asking.desk.db, asking.desk.call.call_id)
    assert call.context == {"name": "Grace", "kept": 1}
    async with asking.desk.db.read() as session:
        (row,) = await decisions.of_call(session, call.call_id)
    (found,) = [one for one in row.findings if one["rule"] == RULE]
    assert found["verdict"] == "allow"
    assert "changed name" in found["detail"]
    assert RULE in row.rules


WRONG: dict[str, dict[str, Any]] = {
    "no": {"answer": {"verdict": "deny", "reason": "Paid"}},
    "later": {"answer": {"verdict": "later", "until": "2999-01-01T00:00:00Z"}},
    "slow": {"slow": 1.5},
    "500": {"status": 500},
    "a redirect": {"status": 302},
    "no JSON": {"answer": b"<html>"},
    "too long": {"answer": b'{"verdict": "allow"}' + b" " * 20_000},
    "what is not declared": {"answer": {"verdict": "allow", "context": {"kept": 2}}},
}


@pytest.mark.parametrize("name", WRONG)
async def test_without_a_yes_nobody_is_dialed_and_nothing_is_changed(asking: Asking, name: str):
    for attribute, value in WRONG[name].items():
        setattr(asking.customer, attribute, value)
    assert await asking.run() is DialKind.OVER
    assert asking.desk.carrier.dials == []
    attempt = await asking.desk.attempt()
    assert attempt.result is AttemptResult.NOT_SENT
    assert "last word" in (attempt.error or "")
    call = await make.call_seen(asking.desk.db, asking.desk.call.call_id)
    assert call.context == {"name": "Ada", "kept": 1}


async def test_a_customer_that_is_away_is_no_yes(asking: Asking):
    async with asking.desk.db.write() as session:
        agent = await session.get(Agent, asking.desk.call.agent_id)
        assert agent is not None
        agent.last_word_spec = {"url": "http://127.0.0.1:9/word"}
        session.add(agent)
    assert await asking.run() is DialKind.OVER
    assert asking.desk.carrier.dials == []


async def test_a_call_that_is_canceled_while_the_customer_is_asked_is_not_dialed(asking: Asking):
    async def cancel() -> None:
        async with asking.desk.db.write() as session:
            call = await session.get(Call, asking.desk.call.call_id)
            assert call is not None
            call.cancel_requested = True
            session.add(call)

    asking.customer.meanwhile = cancel
    assert await asking.run() is DialKind.OVER
    assert asking.desk.carrier.dials == []


async def test_a_worker_killed_while_asking_has_it_asked_again_under_the_same_id(asking: Asking):
    call_id = asking.desk.call.call_id
    # The question is committed before it is sent: this worker died then.
    async with asking.desk.db.write() as session:
        lost = await last_words.ask(session, call_id, 1, NOW)
    repeat = ActivityEnvironment()
    repeat.info = ActivityEnvironment.default_info()
    repeat.info = type(repeat.info)(**{**repeat.info.__dict__, "attempt": 2})
    assert (await repeat.run(asking.dial.dial, asking.desk.ref)).kind is DialKind.OVER
    assert asking.customer.asked == []
    async with asking.desk.db.write() as session:
        again = await last_words.ask(session, call_id, 2, NOW)
    assert (again.request_id, again.tries) == (lost.request_id, 2)
    assert asking.desk.carrier.dials == []


async def test_an_answer_opens_no_other_attempt_and_the_next_question_has_another_id(
    asking: Asking,
):
    assert await asking.run() is DialKind.SENT
    (first,) = await asking.words()
    async with asking.desk.db.write() as session:
        at = first.answered_at
        assert at is not None
        assert await last_words.allows(session, first.call_id, 2, at) is None
        assert await last_words.allows(session, first.call_id, 1, at) is not None
        late = at + last_words.GOOD_FOR
        assert await last_words.allows(session, first.call_id, 1, late) is None
        second = await last_words.ask(session, first.call_id, 2, at)
    assert second.request_id != first.request_id


async def test_without_a_secret_nobody_is_asked_or_dialed(asking: Asking):
    async with asking.desk.db.write() as session:
        agent = await session.get(Agent, asking.desk.call.agent_id)
        assert agent is not None
        agent.last_word_secret = None
        session.add(agent)
    assert await asking.run() is DialKind.OVER
    assert (asking.customer.asked, asking.desk.carrier.dials) == ([], [])
