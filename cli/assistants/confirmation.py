"""A person says yes before anything is dialed or changed.

Where the client can ask its person (elicitation), it does, and the assistant's own word counts for
nothing. Where it cannot, the first call of a tool only says what it would do, and hands out a word;
a second call with the same arguments and this word does it.
"""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
from mcp.server.mcpserver import AcceptedElicitation, Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ElicitRequest, ElicitRequestFormParams, ElicitResult, InputRequiredResult
from mcp_types.version import is_version_at_least
from pydantic import BaseModel, Field

#: For so long a question stays open, and a word good.
SECONDS = 600
#: From here on a question rides in the answer of the tool, which is then called anew.
_ASKS_IN_ANSWERS = "2026-07-28"
_QUESTION = "confirmation"


class Agreed(BaseModel):
    """The form that the person sees."""

    confirm: bool = Field(description="Yes, do it.")


@dataclass(frozen=True, slots=True)
class Answer:
    """`given`: do it, and under the idempotency key `once`. `word`: to be given back."""

    given: bool
    told: str
    once: str = ""
    word: str | None = None


class Words:
    """Words that stand for one act each: forged by nobody, good for one key and a while."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._secret = secrets.token_bytes(32)
        self._now = now

    def make(self, act: str) -> str:
        """Another one each time."""
        head = f"{secrets.token_hex(8)}-{int(self._now()) + SECONDS}"
        return f"{head}-{self._seal(head, act)}"

    def once(self, word: str, act: str) -> str | None:
        """Under which key the act is done, the same for the same word; None: no such word."""
        head, _, seal = word.rpartition("-")
        if not hmac.compare_digest(seal.encode(), self._seal(head, act).encode()):
            return None
        nonce, _, end = head.partition("-")
        return f"mcp-{nonce}" if self._now() < int(end) else None

    def _seal(self, head: str, act: str) -> str:
        said = f"{head}\n{act}".encode()
        return hmac.new(self._secret, said, hashlib.sha256).hexdigest()[:32]


def act_of(key: str, tool: str, arguments: Mapping[str, Any]) -> str:
    """What is agreed to: this, with these arguments, by this key."""
    said = json.dumps(arguments, sort_keys=True, default=str)
    return hashlib.sha256(f"{key}\n{tool}\n{said}".encode()).hexdigest()


async def agreement(
    ctx: Context[Any, Any], words: Words, act: str, question: str, word: str | None
) -> Answer | InputRequiredResult:
    """Whether the person agrees. An InputRequiredResult goes out as the tool's answer."""
    if not can_ask(ctx):
        return _by_word(words, act, question, word)
    if is_version_at_least(ctx.protocol_version or "", _ASKS_IN_ANSWERS):
        return _in_answer(ctx, question)
    return await _asked(ctx, question)


def can_ask(ctx: Context[Any, Any]) -> bool:
    """Whether the client shows a question to its person."""
    can = ctx.client_capabilities.elicitation if ctx.client_capabilities else None
    return can is not None and (can.form is not None or can.url is None)


def _by_word(words: Words, act: str, question: str, word: str | None) -> Answer:
    if word is None:
        told = f"Nothing was done. {question} Ask the person, then call again with `confirm`."
        return Answer(False, told, word=words.make(act))
    once = words.once(word, act)
    if once is None:
        raise ToolError(
            "This `confirm` is not of these arguments, or older than ten minutes. Leave it out to "
            "get another one, and ask the person again."
        )
    return Answer(True, "Confirmed.", once)


def _in_answer(ctx: Context[Any, Any], question: str) -> Answer | InputRequiredResult:
    # The SDK seals the state and binds it to tool, arguments and key: no answer comes first.
    once = ctx.request_state
    answer = (ctx.input_responses or {}).get(_QUESTION)
    if once is None or answer is None:
        form = ElicitRequestFormParams(
            message=question, requested_schema=Agreed.model_json_schema()
        )
        asked = {_QUESTION: ElicitRequest(params=form)}
        return InputRequiredResult(
            input_requests=asked, request_state=f"mcp-{secrets.token_hex(8)}"
        )
    yes = (
        isinstance(answer, ElicitResult)
        and answer.action == "accept"
        and (answer.content or {}).get("confirm") is True
    )
    return Answer(True, "Confirmed.", once) if yes else _declined()


async def _asked(ctx: Context[Any, Any], question: str) -> Answer:
    said: Any = None
    with anyio.move_on_after(SECONDS):
        try:
            said = await ctx.elicit(question, Agreed)
        except ValueError as error:
            raise ToolError("What the client answered is no answer to the question.") from error
    yes = isinstance(said, AcceptedElicitation) and said.data.confirm is True
    return Answer(True, "Confirmed.", f"mcp-{secrets.token_hex(8)}") if yes else _declined()


def _declined() -> Answer:
    return Answer(False, "The person did not agree. Nothing was done.")
