"""What happens at the other end of a number: one script entry an attempt."""

import re
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

CreateMode = Literal["500_before", "500_after", "429", "hang", "drop_response"]
Refusal = Literal["invalid", "geo-permission"]
Unanswered = Literal["busy", "no-answer", "failed", "canceled"]
Callee = Literal["human", "machine", "fax", "unknown"]

REFUSALS: tuple[Refusal, ...] = ("invalid", "geo-permission")


class Answer(BaseModel):
    """Somebody, or something, picks up. All times are simulated seconds.

    after: ringing before the answer. greeting: how long a machine's greeting lasts.
    digits, speech: the callee's input. A string is given at every Gather; a list is used up
    one element a Gather, and then there is silence.
    talk: the callee hangs up so long after the answer; also how long a Dial or Connect lasts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: float = Field(default=1.0, ge=0)
    by: Callee = "human"
    digits: str | list[str] = ""
    speech: str | list[str] = ""
    talk: float | None = Field(default=None, ge=0)
    greeting: float = Field(default=4.0, ge=0)


class AnswerEntry(BaseModel):
    """An answered attempt; `create` also breaks the response to the create request."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: Answer
    create: CreateMode | None = None


class SipEntry(BaseModel):
    """An attempt that the other end's network turns down with a SIP response."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sip: int = Field(ge=400, le=699)

    @property
    def status(self) -> Unanswered:
        """The CallStatus that goes with it."""
        if self.sip in (486, 600):
            return "busy"
        return "no-answer" if self.sip in (408, 480, 487) else "failed"


ScriptEntry = Unanswered | Refusal | AnswerEntry | SipEntry
Script = list[ScriptEntry]

_ENTRY: TypeAdapter[ScriptEntry] = TypeAdapter(ScriptEntry)
_SCRIPT: TypeAdapter[Script] = TypeAdapter(Script)


def entry_from_json(data: Any) -> ScriptEntry:
    """One entry, from its JSON form; raises pydantic's ValidationError."""
    return _ENTRY.validate_python(data)


def script_from_json(data: Any) -> Script:
    """A whole script, from its JSON form; raises pydantic's ValidationError."""
    return _SCRIPT.validate_python(data)


def to_json(entry: ScriptEntry) -> Any:
    """The JSON form of an entry."""
    return entry if isinstance(entry, str) else entry.model_dump()


def entry_for(script: Sequence[ScriptEntry], attempt: int) -> ScriptEntry:
    """The entry of an attempt, counted from 0; the last entry repeats."""
    return script[min(attempt, len(script) - 1)]


def default_script(number: str) -> Script:
    """The script of a number nobody scripted: its row in the table, else a willing human."""
    match = _FICTIONAL.search(number)
    row = NUMBER_TABLE.get(match.group(1)) if match else None
    return row[1] if row else [HUMAN]


_FICTIONAL = re.compile(r"01(\d\d)$")


def _answer(create: CreateMode | None = None, **answer: Any) -> AnswerEntry:
    return AnswerEntry(answer=Answer(**answer), create=create)


HUMAN = _answer(digits="1")
VOICEMAIL = _answer(by="machine")

# Last two digits of a number that ends in 01xx -> (what it does, its script).
# README.md shows this table; a test keeps the two the same.
NUMBER_TABLE: dict[str, tuple[str, Script]] = {
    "60": ("busy, always", ["busy"]),
    "61": ("busy once, then a human answers", ["busy", HUMAN]),
    "62": ("no answer, always", ["no-answer"]),
    "63": ("no answer once, then a human answers", ["no-answer", HUMAN]),
    "64": ("a machine answers (voicemail)", [VOICEMAIL]),
    "65": ("a machine answers first, then a human", [VOICEMAIL, HUMAN]),
    "66": ("failed, always (network error)", ["failed"]),
    "67": ("failed once, then a human answers", ["failed", HUMAN]),
    "68": ("create refused: 21211, invalid number", ["invalid"]),
    "69": ("a human presses 2 (declines)", [_answer(digits="2")]),
    "70": ("a human presses 9 (opts out)", [_answer(digits="9")]),
    "71": ('a human says "yes" and presses nothing', [_answer(speech="yes")]),
    "72": ("a human hangs up 0.5 s after answering", [_answer(talk=0.5)]),
    "73": ("a human answers and gives no input", [_answer()]),
    "74": ("create answers 500, yet the call is made", [_answer("500_after", digits="1")]),
    "75": (
        "create's response is dropped, yet the call is made",
        [_answer("drop_response", digits="1")],
    ),
    "76": ("create refused: 21215, geographic permission", ["geo-permission"]),
    "77": ("a human talks for 30 s", [_answer(digits="1", talk=30)]),
}
