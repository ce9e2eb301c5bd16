"""The customer's own last word before a dial: what was asked, and what was answered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: What it is called among the rules of a decision.
RULE = "customer.last_word"
DEFAULT_TRIES = 5


class Verdict(StrEnum):
    ALLOW = "allow"
    DENY = "deny"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class LastWord:
    """The newest question about a call. `verdict` None: it was not answered, `tries` times.

    `reason` is the customer's own text; `until` of a LATER: not before then.
    """

    asked_at: datetime
    tries: int = 1
    verdict: Verdict | None = None
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LastWordFile:
    """An agent wants its customer asked before each dial, `most_tries` times at most.

    `word`: the newest; None: nothing was asked about the call yet.
    """

    most_tries: int
    word: LastWord | None = None
